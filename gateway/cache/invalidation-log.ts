import type { Mark } from './marks.ts';

/**
 * For how long an answer may still be given after its invalidation was acknowledged, by a gateway that does not know of it yet.
 * What is acknowledged is known everywhere within this time, or nothing remembered is given.
 */
export const PROMISED_STALENESS_MS = 1_000;

/**
 * For how long what was last known of the log is taken for all there is. It is less than what is promised, so that there is time to act
 * on it.
 */
export const CONFIRMED_FOR_MS = 700;

/** Where a log stood. */
export interface LogPosition {
  /** Which log: positions of another say nothing. Empty where it is not known. */
  readonly log: string;
  readonly at: number;
}

/** When an answer was asked for, as far as invalidations are concerned. */
export interface AnswerOrigin extends LogPosition {
  /** When this process asked for it, in milliseconds of `performance.now()`; absent where another did. */
  readonly askedHereAtMs?: number | undefined;
}

/**
 * The invalidations of a deployment, in one order for all of its gateways.
 *
 * An answer carries where the log stood before it was asked for. It is given while nothing was invalidated since that has one of its
 * marks: so what was under way when an invalidation came is never given afterwards, whoever writes it into whichever store.
 */
export interface InvalidationLog {
  /** Where the log stands, as far as is known here; to be taken before an answer is asked for. */
  readonly position: LogPosition;
  /**
   * Whether an answer may be given.
   * @param marksOf gives all that it can be invalidated by; asked only where something was invalidated since
   */
  allows(origin: AnswerOrigin, marksOf: () => readonly Mark[]): boolean;
  /**
   * Invalidates. Once it resolves no gateway gives what was asked for before for longer than {@link PROMISED_STALENESS_MS}, and this one
   * not at all.
   *
   * @throws GatewayFault INVALIDATION_UNAVAILABLE where that cannot be promised
   */
  invalidate(marks: readonly Mark[]): Promise<void>;
  /** As {@link invalidate}, later where it cannot be done now; never rejects. */
  invalidateEventually(marks: readonly Mark[]): Promise<void>;
  /** Whether it is known what was invalidated up to now. */
  isConfirmed(): boolean;
  close(): Promise<void>;
}

/** Marks that are remembered, at most. An answer from before those that were forgotten is not given: it cannot be known. */
export const MAX_KNOWN_MARKS = 100_000;

/** What of a log is known: where each mark was last invalidated. */
export class KnownInvalidations {
  /** By mark; the oldest first. */
  readonly #lastAt = new Map<Mark, number>();
  /** What was invalidated and has no place in the log yet. */
  readonly #unplaced = new Set<Mark>();
  readonly #maxMarks: number;
  #newestAt = 0;
  /** Of what was invalidated up to here not everything is known. */
  #floor = 0;

  constructor(maxMarks = MAX_KNOWN_MARKS) {
    this.#maxMarks = maxMarks;
  }

  add(at: number, marks: readonly Mark[]): void {
    this.#newestAt = Math.max(this.#newestAt, at);
    for (const mark of marks) {
      this.#unplaced.delete(mark);
      this.#lastAt.delete(mark);
      this.#lastAt.set(mark, at);
    }
    for (const [mark, oldestAt] of this.#lastAt) {
      if (this.#lastAt.size <= this.#maxMarks) break;
      this.#lastAt.delete(mark);
      this.forgetUpTo(oldestAt);
    }
  }

  /** Invalidates whatever has one of these marks, until they get their place by {@link add}. */
  addUnplaced(marks: readonly Mark[]): void {
    for (const mark of marks) this.#unplaced.add(mark);
  }

  /** Nothing is known any more of what was invalidated up to there. */
  forgetUpTo(at: number): void {
    this.#floor = Math.max(this.#floor, at);
  }

  /** Forgets everything: it is another log. */
  clear(): void {
    this.#lastAt.clear();
    this.#unplaced.clear();
    this.#newestAt = 0;
    this.#floor = 0;
  }

  /** Whether any of the marks was invalidated after a position, or may have been. */
  isInvalidatedSince(at: number, marksOf: () => readonly Mark[]): boolean {
    if (at < this.#floor) return true;
    // Finding out an entity's marks costs more than all else of a lookup, and mostly nothing has happened.
    if (at >= this.#newestAt && this.#unplaced.size === 0) return false;
    return marksOf().some((mark) => (this.#lastAt.get(mark) ?? 0) > at || this.#unplaced.has(mark));
  }
}

/** A log for the one process that it is in. */
export function createLocalLog(): InvalidationLog {
  const known = new KnownInvalidations();
  let at = 0;
  const invalidate = (marks: readonly Mark[]): Promise<void> => {
    at += 1;
    known.add(at, marks);
    return Promise.resolve();
  };
  return {
    get position() {
      return { log: 'local', at };
    },
    allows: (origin, marksOf) => !known.isInvalidatedSince(origin.at, marksOf),
    invalidate,
    invalidateEventually: invalidate,
    isConfirmed: () => true,
    close: () => Promise.resolve(),
  };
}
