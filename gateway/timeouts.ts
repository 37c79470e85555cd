/** A time that is running, to be handed to {@link Timeouts.clear}. */
export interface RunningTimeout {
  /** In milliseconds of `performance.now()`. */
  readonly endsAtMs: number;
}

/** A place in the list of those that run. Once it has left the list it leads to nothing: see {@link Timeouts}. */
class Place implements RunningTimeout {
  readonly endsAtMs: number;
  onEnd: (() => void) | undefined;
  before: Place | undefined = undefined;
  after: Place | undefined = undefined;

  constructor(endsAtMs: number, onEnd: () => void) {
    this.endsAtMs = endsAtMs;
    this.onEnd = onEnd;
  }
}

/**
 * Times of one length. They end in the order in which they began, so that one timer of Node's is enough for all: a request and each of
 * its fetches has one, and nearly all are cleared.
 *
 * It is a list whose places are emptied as they leave. A Set makes a new table every so often, and the one before, in old memory by
 * then, keeps whole requests from being collected with young memory: 100 MiB and an eighth more CPU.
 */
export class Timeouts {
  readonly #timeoutMs: number;
  readonly #onTimer = (): void => this.#endThoseOver();
  #timer: NodeJS.Timeout | undefined;
  #first: Place | undefined;
  #last: Place | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Calls back once, unless it is cleared before. */
  start(onEnd: () => void): RunningTimeout {
    const place = new Place(performance.now() + this.#timeoutMs, onEnd);
    if (!this.#timer) this.#timer = setTimeout(this.#onTimer, this.#timeoutMs);
    else if (!this.#first) this.#timer.ref();
    place.before = this.#last;
    if (this.#last) this.#last.after = place;
    else this.#first = place;
    this.#last = place;
    return place;
  }

  /** Does not call it back any more. */
  clear(running: RunningTimeout | undefined): void {
    if (!(running instanceof Place) || !running.onEnd) return;
    this.#leave(running);
    // What nobody waits for keeps no process alive.
    if (!this.#first) this.#timer?.unref();
  }

  #leave(place: Place): void {
    const { before, after } = place;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    place.before = undefined;
    place.after = undefined;
    place.onEnd = undefined;
  }

  #endThoseOver(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (let place = this.#first; place && place.endsAtMs <= nowMs; place = this.#first) {
      const { onEnd } = place;
      this.#leave(place);
      onEnd!();
    }
    if (this.#first) this.#timer ??= setTimeout(this.#onTimer, Math.ceil(this.#first.endsAtMs - nowMs));
  }
}
