/** Counts values that did not fit, by field. There are as many counters as the SDL has fields. */
export class MisfitCount {
  readonly #byField = new Map<string, number>();

  add(field: string): void {
    this.#byField.set(field, (this.#byField.get(field) ?? 0) + 1);
  }

  /** How many there were since the start, by `Type.field`. */
  byField(): Record<string, number> {
    return Object.fromEntries(this.#byField);
  }
}
