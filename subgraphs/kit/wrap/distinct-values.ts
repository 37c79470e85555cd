/** Tables begin with so many places, a power of two. */
const FIRST_PLACES = 1_024;

/** Values that are known by a number of 52 bits each: of a million different ones two are taken for the same once in ten thousand files. */
const HASH_RANGE = 2 ** 52;

/** Tells whether a value was there before, in 16 to 32 bytes a value. */
export class DistinctValues {
  #places = new Float64Array(FIRST_PLACES);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How much memory it takes, in bytes. */
  get bytes(): number {
    return this.#places.byteLength;
  }

  /** Adds a value; says whether it is new. */
  add(text: string): boolean {
    if (this.#size * 2 > this.#places.length) this.#grow();
    return this.#put(hashOf(text));
  }

  #put(hash: number): boolean {
    const places = this.#places;
    const last = places.length - 1;
    let at = hash % places.length;
    for (; places[at] !== 0; at = at === last ? 0 : at + 1) if (places[at] === hash) return false;
    places[at] = hash;
    this.#size += 1;
    return true;
  }

  #grow(): void {
    const before = this.#places;
    this.#places = new Float64Array(before.length * 2);
    this.#size = 0;
    for (const hash of before) if (hash !== 0) this.#put(hash);
  }
}

/** FNV-1a twice, put together; never 0, which stands for no value. */
function hashOf(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + at), 0x85ebca6b);
    high ^= high >>> 13;
  }
  low ^= low >>> 15;
  return (((high >>> 0) * 2 ** 32 + (low >>> 0)) % HASH_RANGE) + 1;
}
