/** Places for each key that is to be known again. */
const PLACES_EACH = 4;
/** How much of a key's end is looked at: there its names differ. */
const LOOKED_AT = 40;
/** The bit of a place that says that its key was asked for again. */
const AGAIN = 1;

/**
 * Knows which keys were asked for lately, and which of them again, in little memory: each has one place, by its hash, until another takes
 * it. By that a full cache keeps out what is asked for once, which would drive out what is asked for again and again.
 *
 * Source: the doorkeeper of Einziger, Friedman, Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM Transactions on Storage
 * 13(4), 2017; here it forgets by itself.
 */
export class AskedBefore {
  readonly #places: Int32Array;

  /** @param keys how many are to be known at a time, about */
  constructor(keys: number) {
    this.#places = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(keys, 64) * PLACES_EACH)));
  }

  /** @param seed tells keys of one text apart, see {@link seedOf}. Default: none */
  note(key: string, seed = NO_SEED): void {
    const hash = hashOf(key, seed);
    const at = placeOf(hash, this.#places);
    if (((this.#places[at]! ^ hash) | AGAIN) === AGAIN) this.#places[at] = hash | AGAIN;
    else this.#places[at] = hash & ~AGAIN;
  }

  isAskedAgain(key: string, seed = NO_SEED): boolean {
    const hash = hashOf(key, seed);
    return this.#places[placeOf(hash, this.#places)] === (hash | AGAIN);
  }
}

function placeOf(hash: number, places: Int32Array): number {
  return (hash >>> 1) & (places.length - 1);
}

/** What tells keys that begin with one text apart from those that begin with another. */
export function seedOf(text: string): number {
  return hashOf(text, NO_SEED);
}

const NO_SEED = 0x811c9dc5;

/** FNV-1a with a last mixing, of the end of a text. */
function hashOf(key: string, seed: number): number {
  let hash = seed;
  for (let at = Math.max(0, key.length - LOOKED_AT); at < key.length; at++)
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 12);
}
