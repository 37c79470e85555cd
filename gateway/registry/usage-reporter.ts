import { randomUUID } from 'node:crypto';
import { request } from 'undici';
import type { UsageReport } from './usage.ts';

export interface UsageReporterOptions {
  /** Where the registry gives its supergraph; it takes reports beside that. */
  supergraphUrl: string;
  /** Sent along, such as `x-api-key`. */
  headers: Readonly<Record<string, string>>;
  everyMs: number;
  timeoutMs: number;
  /** What was counted since the process started. */
  read(): UsageReport;
  /** Told when reports are not taken any more, and with undefined when they are again. */
  onProblem(problem: Error | undefined): void;
}

/** Tells a registry over and over which clients use which fields. What could not be told is told the next time: each report has everything. */
export class UsageReporter {
  readonly #options: UsageReporterOptions;
  readonly #url: URL;
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #told = '';
  #isTaken = true;

  constructor(options: UsageReporterOptions) {
    this.#options = options;
    this.#url = new URL(`usage/${randomUUID()}`, options.supergraphUrl);
    this.#later();
  }

  /** Tells what is new, for the last time. Never rejects. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#report();
    this.#closing.abort();
    clearTimeout(this.#timer);
  }

  #later(): void {
    this.#timer = setTimeout(() => void this.#report().then(() => this.#later()), this.#options.everyMs);
    this.#timer.unref();
  }

  async #report(): Promise<void> {
    const body = JSON.stringify(this.#options.read());
    if (body === this.#told || this.#closing.signal.aborted) return;
    const problem = await this.#send(body).catch((error: unknown) => error as Error);
    if (!problem) this.#told = body;
    if (this.#isTaken === !problem) return;
    this.#isTaken = !problem;
    this.#options.onProblem(problem);
  }

  async #send(body: string): Promise<Error | undefined> {
    const { headers, timeoutMs } = this.#options;
    const answer = await request(this.#url, {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]),
    });
    await answer.body.dump();
    return answer.statusCode < 300 ? undefined : new Error(`The registry answered with status ${answer.statusCode}.`);
  }
}
