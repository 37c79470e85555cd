import { hash } from 'node:crypto';
import { indexName } from './entry.ts';

/** Records that one block stands for. */
export const BLOCK_RECORDS = 4_096;
/** With 10 bits a name and 7 set for each, one of about 120 blocks says yes wrongly. */
const BITS_A_NAME = 10;
const PROBES = 7;
const MIN_BYTES = 64;
const SUBJECT = indexName('subject', '');

/**
 * What a stretch of a chain can be found by: a Bloom filter over the names of its records. An index proper would cost more than all the
 * rest of a record; this costs next to nothing to write, and to look somebody up in 100 million records reads some hundred megabytes of filters.
 */
export interface NameBlock {
  readonly first: number;
  readonly last: number;
  /** The first and last `logTime` of its records. */
  readonly since: string;
  readonly until: string;
  /** As many bytes as a power of two. */
  readonly filter: Buffer;
}

/** Gathers the names of records that follow one another. */
export class NameGatherer {
  readonly first: number;
  readonly #names = new Set<string>();
  #last: number;
  #since = '\u{10FFFF}';
  #until = '';

  /** @param first the sequence number of its first record */
  constructor(first: number) {
    this.first = first;
    this.#last = first - 1;
  }

  get size(): number {
    return this.#last - this.first + 1;
  }

  add(seq: number, { logTime, names }: { logTime: string; names: readonly string[] }): void {
    for (const name of names) this.#names.add(name);
    if (logTime < this.#since) this.#since = logTime;
    if (logTime > this.#until) this.#until = logTime;
    this.#last = seq;
  }

  block(): NameBlock {
    const bytes = 2 ** Math.ceil(Math.log2(Math.max(MIN_BYTES, (this.#names.size * BITS_A_NAME) / 8)));
    const filter = Buffer.alloc(bytes);
    for (const name of this.#names)
      for (const probe of probesOf(name)) {
        const bit = probe % (bytes * 8);
        filter[bit >>> 3]! |= 1 << (bit & 7);
      }
    return { first: this.first, last: this.#last, since: this.#since, until: this.#until, filter };
  }
}

/** Numbers below 2^31; a filter may hold a name only where the bit at each, modulo its bits, is set. */
export function probesOf(name: string): number[] {
  // Two numbers make all of them (Kirsch and Mitzenmacher, Less Hashing, Same Performance, 2006).
  const bytes = bitsOf(name);
  const [start, step] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4) | 1];
  return Array.from({ length: PROBES }, (_, index) => ((start + Math.imul(index, step)) >>> 0) >>> 1);
}

/** Bytes that look like chance: the digest of a subject does already, and there are many of them. */
function bitsOf(name: string): Buffer {
  const digest = name.startsWith(SUBJECT) ? Buffer.from(name.slice(SUBJECT.length), 'base64url') : undefined;
  return digest && digest.length >= 8 ? digest : hash('sha256', name, 'buffer');
}

/** Whether a filter may hold a name; false only where it does not. */
export function mayHold(filter: Uint8Array, probes: readonly number[]): boolean {
  const bits = filter.length * 8;
  return probes.every((probe) => ((filter[(probe % bits) >>> 3] ?? 0) & (1 << (probe & 7))) !== 0);
}
