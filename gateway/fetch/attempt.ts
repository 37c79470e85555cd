import type { AnswerFields, Receiver, Underway } from './channel.ts';

/** Whom an attempt tells how it ended: once, and not where it was given up. */
export interface AttemptWatcher {
  onAnswered(attempt: Attempt): void;
  onTooLarge(attempt: Attempt): void;
  onBroken(attempt: Attempt, error: Error): void;
}

/** What bounds an attempt. */
export interface AttemptBounds {
  /** When its answer has to be there, in milliseconds of `performance.now()`. */
  readonly endsAtMs: number;
  readonly maxResponseBytes: number;
}

/** Which attempt it is. */
export interface AttemptStart {
  /** The first one of a request: 1. */
  readonly nth: number;
  /** In milliseconds of `performance.now()`. */
  readonly startedAtMs: number;
  /** That of the circuit breaker when it began. */
  readonly epoch: number;
}

/** One time that a department is asked, and what it answers. */
export class Attempt implements Receiver, AttemptStart {
  readonly endsAtMs: number;
  readonly nth: number;
  readonly startedAtMs: number;
  readonly epoch: number;
  isOver = false;
  httpStatus = 0;
  cacheControl: string | undefined = undefined;
  age: string | undefined = undefined;
  retryAfter: string | undefined = undefined;
  bytes = '';
  isAscii = true;
  readonly #maxResponseBytes: number;
  readonly #watcher: AttemptWatcher;
  #underway: Underway | undefined;

  constructor(watcher: AttemptWatcher, { nth, startedAtMs, epoch }: AttemptStart, bounds: AttemptBounds) {
    this.#watcher = watcher;
    this.nth = nth;
    this.startedAtMs = startedAtMs;
    this.epoch = epoch;
    this.endsAtMs = bounds.endsAtMs;
    this.#maxResponseBytes = bounds.maxResponseBytes;
  }

  onStart(underway: Underway): void {
    this.#underway = underway;
  }

  onHead(httpStatus: number, { cacheControl, age, retryAfter }: AnswerFields): void {
    this.httpStatus = httpStatus;
    this.cacheControl = cacheControl;
    this.age = age;
    this.retryAfter = retryAfter;
  }

  onBytes(bytes: string, isAscii: boolean): void {
    this.bytes += bytes;
    this.isAscii &&= isAscii;
    if (this.bytes.length <= this.#maxResponseBytes) return;
    this.giveUp();
    this.#watcher.onTooLarge(this);
  }

  onEnd(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#watcher.onAnswered(this);
  }

  onError(error: Error): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#watcher.onBroken(this, error);
  }

  /** Wants nothing more of it. */
  giveUp(): void {
    this.isOver = true;
    this.#underway?.abort();
  }
}
