/** When requests are refused because the gateway has too much to do. */
export interface OverloadOptions {
  /** Requests under way. */
  maxRequests: number;
  /** How late this thread may come to what it has to do, in milliseconds. */
  maxEventLoopDelayMs: number;
}

/** How much there is to do, as `/ready` shows it. */
export interface LoadState {
  requests: number;
  eventLoopDelayMs: number;
  /** Requests that were refused for it since the start. */
  refused: number;
}

/** How often it is looked. */
const CHECK_EVERY_MS = 100;

/**
 * Refuses requests while the gateway has more to do than it can: with too many under way, or when it came too late twice in a row to a
 * timer of its own. Once is a pause for garbage, or code that is compiled; twice is more work than there is time.
 */
export class Overload {
  readonly #options: OverloadOptions;
  readonly #timer: NodeJS.Timeout;
  #requests = 0;
  #refused = 0;
  #expectedAtMs = performance.now() + CHECK_EVERY_MS;
  #delayMs = 0;
  #delayBeforeMs = 0;

  constructor(options: OverloadOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#check(), CHECK_EVERY_MS).unref();
  }

  get state(): LoadState {
    return { requests: this.#requests, eventLoopDelayMs: Math.round(this.#delayMs), refused: this.#refused };
  }

  /** Whether a request has to be refused; then it is counted. */
  refuses(): boolean {
    const { maxRequests, maxEventLoopDelayMs } = this.#options;
    const isLate = this.#delayMs > maxEventLoopDelayMs && this.#delayBeforeMs > maxEventLoopDelayMs;
    if (!isLate && this.#requests < maxRequests) return false;
    this.#refused += 1;
    return true;
  }

  /** A request is under way until {@link leave}. */
  enter(): void {
    this.#requests += 1;
  }

  leave(): void {
    this.#requests -= 1;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const nowMs = performance.now();
    this.#delayBeforeMs = this.#delayMs;
    this.#delayMs = Math.max(0, nowMs - this.#expectedAtMs);
    this.#expectedAtMs = nowMs + CHECK_EVERY_MS;
  }
}

/** How many seconds a refused client is to wait: not all the same, so that they do not come back together. */
export function retryAfterSeconds(): number {
  return 1 + Math.floor(Math.random() * 3);
}
