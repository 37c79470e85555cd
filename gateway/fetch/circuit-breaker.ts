/** When a department is left alone. */
export interface CircuitBreakerOptions {
  /** The part of its requests that has to fail: no answer, or one that says that there can be none now. */
  failureRatio: number;
  /** Fewer requests than this say nothing. */
  minRequests: number;
  /** Over which time both are counted, in milliseconds. */
  windowMs: number;
  /** How long it is left alone before one request tries whether it is back, in milliseconds. */
  openMs: number;
}

/** `closed`: it is asked; `open`: it is left alone; `half-open`: one request tries whether it is back. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/**
 * Leaves a department alone that does not answer: its callers are told at once, and it is not asked more while it cannot.
 *
 * Counts in two halves of the window, the older one dropped as a whole, so that a request costs an addition.
 */
export class CircuitBreaker {
  /** Counts how often the circuit has changed: what began before says nothing about what is now. */
  epoch = 0;
  #state: CircuitState = 'closed';
  #isProbing = false;
  #openUntilMs = 0;
  #halfEndsAtMs = 0;
  #succeeded = 0;
  #failed = 0;
  #succeededBefore = 0;
  #failedBefore = 0;
  readonly #options: CircuitBreakerOptions;
  readonly #onChange: (state: CircuitState) => void;

  /** @param onChange told whenever it opens, half-opens or closes */
  constructor(options: CircuitBreakerOptions, onChange: (state: CircuitState) => void) {
    this.#options = options;
    this.#onChange = onChange;
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** Requests that failed within the window. */
  recentFailures(nowMs: number): number {
    this.#turn(nowMs);
    return this.#failed + this.#failedBefore;
  }

  /** Whether the department would be asked now. */
  isOpen(nowMs: number): boolean {
    return this.#state === 'open' ? nowMs < this.#openUntilMs : this.#state === 'half-open' && this.#isProbing;
  }

  /** Whether a request may be made; then its end has to be told, with the epoch of now. */
  admit(nowMs: number): boolean {
    if (this.#state === 'closed') return true;
    if (this.isOpen(nowMs)) return false;
    if (this.#state === 'open') this.#change('half-open');
    this.#isProbing = true;
    return true;
  }

  succeed(epoch: number, nowMs: number): void {
    if (epoch !== this.epoch) return;
    if (this.#state === 'half-open') return this.#change('closed');
    this.#turn(nowMs);
    this.#succeeded += 1;
  }

  fail(epoch: number, nowMs: number): void {
    if (epoch !== this.epoch) return;
    if (this.#state === 'half-open') return this.#open(nowMs);
    this.#turn(nowMs);
    this.#failed += 1;
    const { failureRatio, minRequests } = this.#options;
    const failed = this.#failed + this.#failedBefore;
    const all = failed + this.#succeeded + this.#succeededBefore;
    if (all >= minRequests && failed >= failureRatio * all) this.#open(nowMs);
  }

  /** A request was given up without having learnt anything. */
  forget(epoch: number): void {
    if (epoch === this.epoch) this.#isProbing = false;
  }

  #open(nowMs: number): void {
    this.#openUntilMs = nowMs + this.#options.openMs;
    this.#change('open');
  }

  #change(state: CircuitState): void {
    this.#state = state;
    this.epoch += 1;
    this.#isProbing = false;
    if (state === 'closed') this.#succeeded = this.#succeededBefore = this.#failed = this.#failedBefore = 0;
    this.#onChange(state);
  }

  /** Begins the next half of the window, if it is time. */
  #turn(nowMs: number): void {
    if (nowMs < this.#halfEndsAtMs) return;
    const halfMs = this.#options.windowMs / 2;
    const isNext = nowMs < this.#halfEndsAtMs + halfMs;
    this.#succeededBefore = isNext ? this.#succeeded : 0;
    this.#failedBefore = isNext ? this.#failed : 0;
    this.#succeeded = this.#failed = 0;
    this.#halfEndsAtMs = nowMs + halfMs;
  }
}
