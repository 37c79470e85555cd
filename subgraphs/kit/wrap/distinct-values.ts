/** Tables begin with so many places, a power of two. */
const FIRST_PLACES = 1_024;

/**
 * Tells whether a value was there before, in 16 to 32 bytes a value. Values are known by a hash each: of a million different ones two are
 * taken for the same once in ten thousand times.
 */
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

/**
 * A hash of 53 bits, never 0, which stands for no value. Two of 32 bits are mixed into each other at the end, as in MurmurHash3: names that
 * differ in a digit or two must not meet.
 * @see https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js (public domain)
 */
function hashOf(text: string): number {
  let one = 0xdeadbeef;
  let other = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    one = Math.imul(one ^ code, 0x9e3779b1);
    other = Math.imul(other ^ code, 0x5f356495);
  }
  const mixed = mix(one, other);
  return (mix(other, mixed) & 0x1fffff) * 2 ** 32 + (mixed >>> 0) + 1;
}

function mix(one: number, other: number): number {
  return Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(other ^ (other >>> 13), 0xc2b2ae35);
}
