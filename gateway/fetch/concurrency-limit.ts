/** How many requests a department gets at a time. */
export interface ConcurrencyOptions {
  /** The least that it gets, however slow it is. */
  min: number;
  /** The most that it gets. */
  max: number;
  /** Requests that may wait for their turn. */
  maxQueue: number;
  /** How long each may wait, in milliseconds. */
  maxQueueMs: number;
}

/** What waits for its turn. */
export interface Waiting {
  onTurn(): void;
  /** It is no longer waiting, and its turn will not come. */
  onRefused(reason: 'waited too long' | 'left alone'): void;
}

/** How a request ended, for what it says about the department's load. */
export type Load = 'answered' | 'overloaded' | 'unknown';

/** A judgement needs this long and so many answers. */
const WINDOW_MS = 500;
const MIN_ANSWERS = 10;
/** What is slower than usual by this is slow because it is asked too much. */
const SLOW = 2;
/** Fewer requests at a time that are not that much faster are slow for another reason. */
const IN_VAIN = { decreases: 3, ratio: 0.8 };
/** Of the time the gateway's own thread is busy: beyond it answers wait for the gateway. */
const BUSY = 0.9;
/** How much of the usual time is taken from the newest window: what stays slow becomes usual, after some minutes. */
const DRIFT = 0.005;
const DECREASE = 0.8;
const INCREASE = 1.1;
const OVERLOADED_RATIO = 0.1;

/**
 * Bounds the requests to one department under way at a time, and finds out how many it can take. Where many are under way and
 * answers take twice as long as usual, or are missing, it gets a fifth less at a time; where they do not, a tenth more. What is usual is
 * what was fastest, and slowly what is now.
 *
 * Slowness that asking less does not mend, as of other questions than before, is taken for usual. Where few are under way, or
 * the gateway itself is too busy to tell how long an answer took, slowness is not judged.
 */
export class ConcurrencyLimit {
  #limit: number;
  #inFlight = 0;
  /** The most under way within the window. */
  #peak = 0;
  #windowEndsAtMs = 0;
  #answers = 0;
  #overloads = 0;
  #totalMs = 0;
  #usualMs = Infinity;
  /** Since slowness began: how often there was a decrease, and what was before. */
  #slowness = { decreases: 0, meanMs: 0, limit: 0 };
  readonly #queue = new Map<Waiting, NodeJS.Timeout>();
  readonly #options: ConcurrencyOptions;
  readonly #isBusy: () => boolean;

  /** @param isBusy whether since it was asked last this thread was too busy to tell how long answers took */
  constructor(options: ConcurrencyOptions, isBusy: () => boolean = watchThread()) {
    this.#options = options;
    this.#isBusy = isBusy;
    this.#limit = options.max;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many it gets at a time, as of now. */
  get limit(): number {
    return this.#limit;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Whether one more would not have to wait. */
  get hasRoom(): boolean {
    return this.#inFlight < this.#limit;
  }

  /** Whether there is room now; then it is taken, and has to be given back by {@link leave}. */
  enter(): boolean {
    if (this.#inFlight >= this.#limit) return false;
    this.#inFlight += 1;
    if (this.#inFlight > this.#peak) this.#peak = this.#inFlight;
    return true;
  }

  /** Waits for its turn, which it then has taken. @returns false where too many wait */
  wait(waiting: Waiting): boolean {
    const { maxQueue, maxQueueMs } = this.#options;
    if (this.#queue.size >= maxQueue) return false;
    const timer = setTimeout(() => {
      this.#queue.delete(waiting);
      waiting.onRefused('waited too long');
    }, maxQueueMs);
    this.#queue.set(waiting, timer);
    return true;
  }

  /** It waits no more. */
  forget(waiting: Waiting): void {
    clearTimeout(this.#queue.get(waiting));
    this.#queue.delete(waiting);
  }

  /** Lets nobody wait for a department that is left alone. */
  refuseWaiting(): void {
    for (const waiting of [...this.#queue.keys()]) {
      this.forget(waiting);
      waiting.onRefused('left alone');
    }
  }

  /** Gives room back. */
  leave(load: Load, tookMs: number, nowMs: number): void {
    this.#inFlight -= 1;
    if (load === 'answered') {
      this.#answers += 1;
      this.#totalMs += tookMs;
    } else if (load === 'overloaded') this.#overloads += 1;
    if (nowMs >= this.#windowEndsAtMs && this.#answers + this.#overloads >= MIN_ANSWERS) this.#judge(nowMs);
    this.#nextTurn();
  }

  #nextTurn(): void {
    for (const waiting of this.#queue.keys()) {
      if (!this.enter()) return;
      this.forget(waiting);
      waiting.onTurn();
    }
  }

  #judge(nowMs: number): void {
    const all = this.#answers + this.#overloads;
    const meanMs = this.#answers > 0 ? this.#totalMs / this.#answers : this.#usualMs;
    const isBusy = this.#isBusy();
    if (this.#peak * 2 >= this.#limit) {
      if (this.#overloads > OVERLOADED_RATIO * all) this.#decrease();
      else if (!isBusy && meanMs > SLOW * this.#usualMs) this.#slowDown(meanMs);
      else this.#speedUp();
    }
    this.#usualMs = meanMs > this.#usualMs ? this.#usualMs + DRIFT * (meanMs - this.#usualMs) : meanMs;
    this.#answers = this.#overloads = this.#totalMs = 0;
    this.#peak = this.#inFlight;
    this.#windowEndsAtMs = nowMs + WINDOW_MS;
  }

  #slowDown(meanMs: number): void {
    const { decreases } = this.#slowness;
    if (decreases === 0) this.#slowness = { decreases, meanMs, limit: this.#limit };
    if (decreases >= IN_VAIN.decreases && meanMs > IN_VAIN.ratio * this.#slowness.meanMs) {
      this.#usualMs = meanMs;
      this.#limit = this.#slowness.limit;
      this.#slowness.decreases = 0;
      return;
    }
    this.#slowness.decreases += 1;
    this.#decrease();
  }

  #speedUp(): void {
    this.#slowness.decreases = 0;
    this.#limit = Math.min(this.#options.max, Math.ceil(this.#limit * INCREASE));
  }

  #decrease(): void {
    const { min, max } = this.#options;
    this.#limit = Math.max(Math.min(min, max), Math.floor(this.#limit * DECREASE));
  }
}

function watchThread(): () => boolean {
  let last = performance.eventLoopUtilization();
  return () => {
    const { utilization } = performance.eventLoopUtilization(last);
    last = performance.eventLoopUtilization();
    return utilization > BUSY;
  };
}
