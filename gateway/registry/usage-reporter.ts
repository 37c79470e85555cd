import { randomUUID } from 'node:crypto';
import { request, type Dispatcher } from 'undici';
import { readBoundedText } from '../supergraph/bounded-text.ts';
import type { UsageReport } from './usage.ts';

/** It says nothing, or why not. */
const MAX_ANSWER_BYTES = 65_536;
/** What a gateway that stops waits for its last report. */
const LAST_TIMEOUT_MS = 2_000;

export interface UsageReporterOptions {
  /** Where the registry gives its supergraph; it takes reports beside that. */
  supergraphUrl: string;
  /** Sent along, such as `x-api-key`. */
  headers: Readonly<Record<string, string>>;
  everyMs: number;
  timeoutMs: number;
  /** Connects. Default: undici's, which trusts Node's roots */
  dispatcher?: Dispatcher | undefined;
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

  /** Tells what is new, for the last time, and waits two seconds at most. Never rejects. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#report(Math.min(LAST_TIMEOUT_MS, this.#options.timeoutMs));
    this.#closing.abort();
    clearTimeout(this.#timer);
  }

  #later(): void {
    this.#timer = setTimeout(() => void this.#report().then(() => this.#later()), this.#options.everyMs);
    this.#timer.unref();
  }

  async #report(timeoutMs = this.#options.timeoutMs): Promise<void> {
    const body = JSON.stringify(this.#options.read());
    if (body === this.#told || this.#closing.signal.aborted) return;
    const problem = await this.#send(body, timeoutMs).catch((error: unknown) => error as Error);
    if (!problem) this.#told = body;
    if (this.#isTaken === !problem) return;
    this.#isTaken = !problem;
    this.#options.onProblem(problem);
  }

  async #send(body: string, timeoutMs: number): Promise<Error | undefined> {
    const { headers, dispatcher } = this.#options;
    const answer = await request(this.#url, {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      ...(dispatcher && { dispatcher }),
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]),
    });
    const said = await readBoundedText(answer.body, MAX_ANSWER_BYTES);
    return answer.statusCode < 300
      ? undefined
      : new Error(`The registry answered with status ${answer.statusCode}: ${said.slice(0, 300)}`);
  }
}
