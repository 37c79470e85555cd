import type { Config } from '../../config/config.ts';
import type { Signer, SignedText } from '../../keys/signer.ts';
import { readSeal } from '../verify-chain.ts';
import { askForTimeStamp, type AuthorityOptions } from './authority.ts';
import { implausible, type StoredTimeStamp, type TimeStamp } from './time-stamp.ts';
import { readAuthorities } from './token.ts';

/** How soon it is tried again where it failed. */
const RETRY_MS = 10_000;

/** How time stamps go. */
export interface TimeStamping {
  /** When the authority says that the last one was made. */
  readonly at?: string;
  /** Why the newest seal has none, where it could not be had. */
  readonly problem?: string;
}

export interface StamperOptions {
  readonly settings: NonNullable<Config['audit']['timeStamps']>;
  readonly signer: Signer;
  /** Resolves once it is durable. */
  keep(chain: string, stamp: StoredTimeStamp): Promise<void>;
  /** Told each time that one was asked for. */
  onAsked(state: TimeStamping): void;
}

/** Has the newest seal time-stamped every so often. Nobody waits for it. */
export class Stamper {
  readonly #options: StamperOptions;
  readonly #authority: AuthorityOptions;
  readonly #stopping = new AbortController();
  #newest: SignedText | undefined;
  #stamped: SignedText | undefined;
  #at: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: StamperOptions, trusted: AuthorityOptions['trusted']) {
    this.#options = options;
    const { url, timeoutMs } = options.settings;
    this.#authority = { url, timeoutMs, trusted, signal: this.#stopping.signal };
  }

  /** @throws TrailError and the system's errors, where there are no certificates in the file that should have them */
  static async open(options: StamperOptions): Promise<Stamper> {
    const { caFile } = options.settings;
    return new Stamper(options, caFile === undefined ? undefined : await readAuthorities(caFile));
  }

  /** Takes note of seals that are written; the first is stamped at once. */
  hear(seals: readonly SignedText[]): void {
    this.#newest = seals.at(-1) ?? this.#newest;
    if (this.#timer === undefined) this.#later(0);
  }

  /** Asks for no more; what was asked for and is not there yet is given up. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#stopping.abort();
  }

  #later(ms: number): void {
    if (!this.#stopping.signal.aborted) this.#timer = setTimeout(() => void this.#run(), ms);
  }

  async #run(): Promise<void> {
    const { everyMs } = this.#options.settings;
    const newest = this.#newest;
    if (newest === undefined || newest === this.#stamped) return this.#later(everyMs);
    const problem = await this.#stamp(newest).catch(reasonOf);
    if (this.#stopping.signal.aborted) return;
    this.#options.onAsked({
      ...(this.#at === undefined ? {} : { at: this.#at }),
      ...(problem === undefined ? {} : { problem }),
    });
    this.#later(problem === undefined ? everyMs : Math.min(everyMs, RETRY_MS));
  }

  /** Says what is wrong, where something is. */
  async #stamp(signed: SignedText): Promise<string | undefined> {
    const { chain, number, time: sealedAt } = readSeal(signed.text)!;
    const { token, time } = await askForTimeStamp(signed.text, this.#authority);
    const problem = implausible(time, sealedAt);
    if (problem !== undefined) return problem;
    const { signer, keep } = this.#options;
    const stamp: TimeStamp = {
      chain,
      seal: number,
      token: Buffer.from(token).toString('base64'),
      key: signer.keyId,
    };
    await keep(chain, { seal: number, ...signer.sign('stamp', JSON.stringify(stamp)) });
    this.#stamped = signed;
    this.#at = time.toISOString();
    return undefined;
  }
}

/** Where several addresses were tried in vain, only the code says anything. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || (code ?? 'The authority cannot be asked.');
}
