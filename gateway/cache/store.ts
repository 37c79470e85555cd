import type { AnswerOrigin } from './invalidation-log.ts';

/** An answer as it is remembered: an entity, or the `data` of root fields. It is not changed. */
export interface RememberedAnswer extends AnswerOrigin {
  /** Its JSON text, a character for each byte of UTF-8. */
  readonly bytes: string;
  readonly isAscii: boolean;
  /** When it was asked for, in milliseconds of `Date.now()`; so are the others. */
  readonly askedAtMs: number;
  readonly freshUntilMs: number;
  /** Until when it may be given while it is fetched anew. */
  readonly revalidateUntilMs: number;
  /** Until when it may be given where the department fails. */
  readonly ifErrorUntilMs: number;
}

/** An answer to remember. */
export interface CacheEntry {
  readonly key: string;
  readonly answer: RememberedAnswer;
  /** How long from now it is of any use. */
  readonly ttlMs: number;
}

/**
 * Where answers are remembered. What is in it may be lost at any time, so nothing here fails a request:
 * a store that cannot answer in time answers that it knows nothing.
 */
export interface CacheStore {
  /** How the store calls itself in `/ready`: what it is and how far it reaches. */
  readonly description: string;
  /**
   * Answers in the order of the keys, undefined where nothing (or nothing of use any more) is known.
   *
   * @param isUsable whether an answer need not be looked for further away. Default: every one
   */
  getMany(
    keys: readonly string[],
    isUsable?: (answer: RememberedAnswer) => boolean,
  ): Promise<(RememberedAnswer | undefined)[]>;
  /** Remembers answers; resolves when they can be read. Entries without time left are not remembered. */
  setMany(entries: readonly CacheEntry[]): Promise<void>;
  /** Whether the store answers at present. */
  isUp(): boolean;
  close(): Promise<void>;
}
