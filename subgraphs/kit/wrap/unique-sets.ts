import { DistinctValues } from './distinct-values.ts';

/** A row's values as texts, by the place of their column; undefined where it has none. */
export type TextRow = readonly (string | undefined)[];

/** Memory for all values that are told apart: a million rows in each of some columns. */
const MAX_BYTES = 128 * 1024 * 1024;

/** Looks which sets of columns are different in every row, in bounded memory. */
export class UniqueSets {
  readonly #candidates = new Map<readonly number[], DistinctValues>();
  #isCutShort = false;

  /** @param sets columns by their places; the likeliest first, as the last are given up where memory does not do */
  constructor(sets: readonly (readonly number[])[]) {
    for (const set of sets) this.#candidates.set(set, new DistinctValues());
  }

  /** Takes the next row. A set that lacks a value in any row is no key. */
  add(row: TextRow): void {
    for (const [set, values] of this.#candidates) {
      const parts = set.map((at) => row[at]?.trim() ?? '');
      if (parts.includes('') || !values.add(parts.length === 1 ? parts[0]! : JSON.stringify(parts)))
        this.#candidates.delete(set);
    }
    this.#keepWithinMemory();
  }

  /** The sets that every row so far has another value of. */
  sets(): (readonly number[])[] {
    return [...this.#candidates.keys()];
  }

  /** Whether sets were given up that may have been unique. */
  get isCutShort(): boolean {
    return this.#isCutShort;
  }

  #keepWithinMemory(): void {
    let bytes = 0;
    for (const [set, values] of this.#candidates) {
      bytes += values.bytes;
      if (bytes <= MAX_BYTES) continue;
      this.#candidates.delete(set);
      this.#isCutShort = true;
    }
  }
}

/** Sets of several columns that are worth a look: pairs, then threes, of the first few. */
export function combinationsOf(columns: readonly number[]): number[][] {
  const few = columns.slice(0, 6);
  const pairs = few.flatMap((one, at) => few.slice(at + 1).map((other) => [one, other]));
  const threes = pairs.flatMap(([one, other]) =>
    few.filter((each) => each > other!).map((third) => [one!, other!, third]),
  );
  return [...pairs, ...threes];
}
