import { Timeouts, type RunningTimeout } from './timeouts.ts';

/** By their length: settings have few. */
const timeoutsOf = new Map<number, Timeouts>();

function timeoutsFor(timeoutMs: number): Timeouts {
  let timeouts = timeoutsOf.get(timeoutMs);
  if (!timeouts) timeoutsOf.set(timeoutMs, (timeouts = new Timeouts(timeoutMs)));
  return timeouts;
}

/**
 * The end of a request's time. Everything that waits on behalf of the request listens to it, so that one timer a request
 * is enough. It is what an AbortSignal is, without the event objects, which would cost more than the timer.
 */
export class Deadline {
  /** When the time is over, in milliseconds of `performance.now()`. */
  readonly endsAtMs: number;
  readonly #timeouts: Timeouts;
  readonly #running: RunningTimeout;
  readonly #listeners = new Set<() => void>();
  #isOver = false;
  #isLeft = false;
  #isBinding = false;

  /** @param timeoutMs how long from now */
  constructor(timeoutMs: number) {
    this.#timeouts = timeoutsFor(timeoutMs);
    this.#running = this.#timeouts.start(() => this.end());
    this.endsAtMs = this.#running.endsAtMs;
  }

  /** Whether the time is over. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether it is over because the caller has gone. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** What is under way is carried through, whether the caller is still there or not: for what changes something. */
  bind(): void {
    this.#isBinding = true;
  }

  /** The caller has gone: the time is over, unless what is under way is carried through. */
  leave(): void {
    if (this.#isBinding || this.#isOver) return;
    this.#isLeft = true;
    this.end();
  }

  /** Calls back once when the time is over, at once if it is already; what it returns takes that back. */
  onEnd(listener: () => void): () => void {
    this.listen(listener);
    return () => this.forget(listener);
  }

  /** As {@link onEnd}, to be taken back by {@link forget}. */
  listen(listener: () => void): void {
    if (this.#isOver) listener();
    else this.#listeners.add(listener);
  }

  /** Does not call it back any more. */
  forget(listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** Ends the time now. */
  end(): void {
    this.#timeouts.clear(this.#running);
    this.#isOver = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  /** To be called when the request is done: the timer is let go, and nobody is called back any more. */
  clear(): void {
    this.#timeouts.clear(this.#running);
    this.#listeners.clear();
  }
}
