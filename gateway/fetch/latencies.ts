/** Fewer answers than this say nothing of the usual. */
const MIN_SAMPLES = 30;
const MAX_SAMPLES = 256;
/** After so many new ones they are put in order again. */
const SORT_EVERY = 32;

/** How long the last answers of a department took. */
export class Latencies {
  readonly #samples = new Float64Array(MAX_SAMPLES);
  #sorted = new Float64Array(0);
  #added = 0;

  add(tookMs: number): void {
    this.#samples[this.#added % MAX_SAMPLES] = tookMs;
    this.#added += 1;
    if (this.#added >= MIN_SAMPLES && (this.#added === MIN_SAMPLES || this.#added % SORT_EVERY === 0))
      this.#sorted = this.#samples.slice(0, this.#added).sort();
  }

  /** What that part of the answers took at most, in milliseconds; undefined where too few are known. @param quantile from 0 to 1 */
  quantile(quantile: number): number | undefined {
    return this.#sorted[Math.min(this.#sorted.length - 1, Math.floor(quantile * this.#sorted.length))];
  }
}
