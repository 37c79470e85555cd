/**
 * The end of a request's time. Everything that waits on behalf of the request waits on {@link Deadline.signal},
 * so that one timer a request is enough.
 */
export class Deadline {
  /** Aborted when the time is over, or when {@link Deadline.cancel} is called. */
  readonly signal: AbortSignal;
  /** When the time is over, in milliseconds of `performance.now()`. */
  readonly endsAtMs: number;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /** @param timeoutMs how long from now */
  constructor(timeoutMs: number) {
    this.signal = this.#controller.signal;
    this.endsAtMs = performance.now() + timeoutMs;
    this.#timer = setTimeout(() => this.#controller.abort('deadline'), timeoutMs);
  }

  /** Milliseconds left, 0 when over. */
  remainingMs(): number {
    return Math.max(0, this.endsAtMs - performance.now());
  }

  /** Ends the time now: the caller has gone. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#controller.abort('cancelled');
  }

  /** To be called when the request is done: the timer is let go and the signal never fires. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}
