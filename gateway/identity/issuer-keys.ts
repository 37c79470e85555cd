import type { Config } from '../config/config.ts';
import type { Clock } from './clock.ts';
import { fetchKeySet } from './fetch-key-set.ts';
import type { KeySet } from './key-set.ts';

/** The keys of one issuer, as they change. */
export interface IssuerKeys {
  /** The keys, where they can be used without waiting. */
  current(): KeySet | undefined;
  /** The keys, once they can be used; undefined where the issuer is away. Never rejects. */
  ready(): Promise<KeySet | undefined>;
  /** Other keys than `known`, which lacks one; undefined where there are none, or it is too soon to ask. Never rejects. */
  newer(known: KeySet): Promise<KeySet | undefined>;
  /** Asks no more. */
  close(): void;
}

/** Keys that do not change. */
export function staticKeys(set: KeySet): IssuerKeys {
  return {
    current: () => set,
    ready: () => Promise.resolve(set),
    newer: () => Promise.resolve(undefined),
    close: () => undefined,
  };
}

export interface FetchedKeysOptions {
  url: string;
  settings: Config['identity']['jwks'];
  clock: Clock;
  /** Told when the keys can no longer be fetched, and why, and with undefined when they can again. */
  onProblem(problem: unknown): void;
}

/**
 * Keys that are fetched, and fetched again so that a key that was withdrawn is refused in time.
 *
 * Whoever asks while the keys are young gets them at once; from half of `maxAgeMs` on they are also fetched again, beside
 * the request. Where nobody asked for all of `maxAgeMs`, the next one waits for new keys, because nothing says how old the
 * known ones are by now. While the issuer is away it is asked every `cooldownMs`, and the known keys are used for
 * `maxStaleMs`.
 */
export class FetchedKeys implements IssuerKeys {
  readonly #options: FetchedKeysOptions;
  readonly #closing = new AbortController();
  #set: KeySet | undefined;
  #fetchedAtMs = -Infinity;
  /** When a request to the issuer last ended, well or not. */
  #triedAtMs = -Infinity;
  #isAway = false;
  #underway: Promise<void> | undefined;

  constructor(options: FetchedKeysOptions) {
    this.#options = options;
  }

  current(): KeySet | undefined {
    const { maxAgeMs, cooldownMs } = this.#options.settings;
    const set = this.#usable();
    const idleMs = this.#idleMs();
    if (!set || idleMs >= maxAgeMs) return undefined;
    if (idleMs >= (this.#isAway ? cooldownMs : maxAgeMs / 2)) void this.#fetch();
    return set;
  }

  async ready(): Promise<KeySet | undefined> {
    if (this.#mayAsk()) await this.#fetch();
    return this.#usable();
  }

  async newer(known: KeySet): Promise<KeySet | undefined> {
    if (this.#set === known && this.#mayAsk()) await this.#fetch();
    const set = this.#usable();
    return set === known ? undefined : set;
  }

  close(): void {
    this.#closing.abort(new Error('The gateway is shutting down.'));
  }

  #usable(): KeySet | undefined {
    return this.#options.clock.steadyMs() - this.#fetchedAtMs < this.#options.settings.maxStaleMs
      ? this.#set
      : undefined;
  }

  #idleMs(): number {
    return this.#options.clock.steadyMs() - this.#triedAtMs;
  }

  #mayAsk(): boolean {
    return this.#underway !== undefined || this.#idleMs() >= this.#options.settings.cooldownMs;
  }

  /** One request at a time, whoever waits for it. Never rejects. */
  #fetch(): Promise<void> {
    return (this.#underway ??= this.#fetchOnce().finally(() => (this.#underway = undefined)));
  }

  async #fetchOnce(): Promise<void> {
    const { url, settings, clock } = this.#options;
    // By when it is asked: what comes may be as old.
    const askedAtMs = clock.steadyMs();
    try {
      const set = await fetchKeySet({ url, ...settings, signal: this.#closing.signal });
      // The same keys are the same set: what was verified with it stays verified.
      if (set.text !== this.#set?.text) this.#set = set;
      this.#fetchedAtMs = askedAtMs;
      this.#tell(undefined);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#tell(error);
    }
    this.#triedAtMs = clock.steadyMs();
  }

  #tell(problem: unknown): void {
    const isAway = problem !== undefined;
    if (isAway !== this.#isAway) this.#options.onProblem(problem);
    this.#isAway = isAway;
  }
}
