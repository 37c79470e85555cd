/** What may be asked again. */
export interface RetryBudgetOptions {
  /** How much of another request each request allows. */
  ratio: number;
  /** How many a second are allowed beside. */
  minPerSecond: number;
}

/** So that what was saved in quiet hours is not spent at once on departments that have just come back. */
const MAX_SAVED = 100;

/**
 * One allowance for all departments: each request saves a part of another one, and each that is made again takes one. Whatever fails,
 * departments get but that part more than they would have.
 */
export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  #saved = 0;
  /** What is left of what is allowed by the second. */
  #reserve: number;
  #countedAtMs = performance.now();

  constructor(options: RetryBudgetOptions) {
    this.#options = options;
    this.#reserve = options.minPerSecond;
  }

  /** Counts a request that is made for the first time. */
  save(): void {
    this.#saved = Math.min(this.#saved + this.#options.ratio, MAX_SAVED);
  }

  /** Whether one more may be made; then it is counted. */
  take(): boolean {
    if (this.#saved >= 1) {
      this.#saved -= 1;
      return true;
    }
    const { minPerSecond } = this.#options;
    const nowMs = performance.now();
    const earned = ((nowMs - this.#countedAtMs) / 1_000) * minPerSecond;
    this.#reserve = Math.min(this.#reserve + earned, Math.max(minPerSecond, 1));
    this.#countedAtMs = nowMs;
    if (minPerSecond === 0 || this.#reserve < 1) return false;
    this.#reserve -= 1;
    return true;
  }
}
