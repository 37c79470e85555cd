/**
 * The end of a request's time. Everything that waits on behalf of the request listens to it, so that one timer a request
 * is enough. It is what an AbortSignal is, without the event objects, which would cost more than the timer.
 */
export class Deadline {
  /** When the time is over, in milliseconds of `performance.now()`. */
  readonly endsAtMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #listeners = new Set<() => void>();
  #isOver = false;
  #isLeft = false;
  #isBinding = false;

  /** @param timeoutMs how long from now */
  constructor(timeoutMs: number) {
    this.endsAtMs = performance.now() + timeoutMs;
    this.#timer = setTimeout(() => this.end(), timeoutMs);
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
    clearTimeout(this.#timer);
    this.#isOver = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  /** To be called when the request is done: the timer is let go, and nobody is called back any more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }
}
