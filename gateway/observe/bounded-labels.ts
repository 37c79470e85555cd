/** What all values beyond the bound are together. */
const OTHER = 'other';

/** Longer values would make every line of the metrics long. */
const MAX_CHARACTERS = 100;

/**
 * Keeps something for each value of a label that clients choose, of which there may be any number: for the first `max` values, and one for
 * all others.
 */
export class BoundedLabels<Kept> {
  readonly #max: number;
  readonly #make: (value: string) => Kept;
  readonly #kept = new Map<string, Kept>();
  #other: Kept | undefined;

  constructor(max: number, make: (value: string) => Kept) {
    this.#max = max;
    this.#make = make;
  }

  of(value: string): Kept {
    const known = this.#kept.get(value);
    if (known !== undefined) return known;
    if (this.#kept.size >= this.#max || value.length > MAX_CHARACTERS) return (this.#other ??= this.#make(OTHER));
    const made = this.#make(value);
    this.#kept.set(value, made);
    return made;
  }
}
