import type { AnswerOrigin } from './invalidation-log.ts';
import type { Mark } from './marks.ts';

/** When an answer was asked for, and until when it may be given. All parts of an answer have the same one. */
export interface AnswerTimes extends AnswerOrigin {
  /** When it was asked for, in milliseconds of `Date.now()`; so are the others. */
  readonly askedAtMs: number;
  readonly freshUntilMs: number;
  /** Until when it may be given while it is fetched anew. */
  readonly revalidateUntilMs: number;
  /** Until when it may be given where the department fails. */
  readonly ifErrorUntilMs: number;
}

/** An answer as it is remembered: an entity, or the `data` of root fields. It is not changed. */
export interface RememberedAnswer {
  /** Its JSON text, a character for each byte of UTF-8. */
  readonly bytes: string;
  readonly isAscii: boolean;
  readonly times: AnswerTimes;
  /** What it can be invalidated by, once that was needed; it follows from the request. */
  marks?: readonly Mark[];
}

/** An answer to remember. */
export interface CacheEntry {
  readonly name: string;
  readonly answer: RememberedAnswer;
}

/**
 * Where answers are remembered. What is in it may be lost at any time, so nothing here fails a request:
 * a store that cannot answer in time answers that it knows nothing.
 *
 * What is asked for together, and by the same question, is a group; names tell its answers apart. A cluster of Redis keeps a group in one
 * place by the text that it has in braces.
 */
export interface CacheStore {
  /** How the store calls itself in `/ready`: what it is and how far it reaches. */
  readonly description: string;
  /**
   * Answers in the order of the names, undefined where nothing (or nothing of use any more) is known.
   *
   * @param isUsable whether an answer, at its place among the names, need not be looked for further away. Default: every one
   */
  getMany(
    group: string,
    names: readonly string[],
    isUsable?: (answer: RememberedAnswer, index: number) => boolean,
  ): Promise<(RememberedAnswer | undefined)[]>;
  /**
   * Which of these answers the store would keep, by position: one that is full keeps what is asked for again rather than what was asked
   * for once. To be asked before entries are made of them.
   */
  wantedOf(group: string, names: readonly string[]): number[];
  /** Remembers answers; resolves when they can be read. Entries without time left are not remembered. */
  setMany(group: string, entries: readonly CacheEntry[]): Promise<void>;
  /** Whether the store answers at present. */
  isUp(): boolean;
  close(): Promise<void>;
}

/** Until when an answer is of any use, in milliseconds of `Date.now()`. */
export function endOf({ times }: RememberedAnswer): number {
  return Math.max(times.freshUntilMs, times.revalidateUntilMs, times.ifErrorUntilMs);
}
