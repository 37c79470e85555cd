import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
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

/**
 * Where a name stands in filters of any size: at `start`, and then each time `step` further. Two numbers make all of its places
 * (Kirsch and Mitzenmacher, Less Hashing, Same Performance, 2006). Both are below 2^32.
 */
export interface NameMark {
  readonly start: number;
  readonly step: number;
}

/** What a record is found by beside the digests of its subjects, see `namesOf`. */
export interface GatheredNames {
  readonly logTime: string;
  readonly names: readonly string[];
  /** See `subjectDigest`. */
  readonly subjects: readonly string[];
}

/** Marks of departments and persons that are kept. */
const MAX_KNOWN = 10_000;

/** Gathers the names of records that follow one another. */
export class NameGatherer {
  readonly first: number;
  /** Each mark once, by where it starts: most names come again and again, and the filter's size follows from how many there are. */
  readonly #steps = new Map<number, number>();
  /** Marks that start where another does. */
  readonly #doubles: NameMark[] = [];
  readonly #known: LRUCache<string, NameMark>;
  #last: number;
  #since = '\u{10FFFF}';
  #until = '';

  /** @param first the sequence number of its first record @param before whose place it takes */
  constructor(first: number, before?: NameGatherer) {
    this.first = first;
    this.#last = first - 1;
    this.#known = before ? before.#known : new LRUCache({ max: MAX_KNOWN });
  }

  get size(): number {
    return this.#last - this.first + 1;
  }

  add(seq: number, { logTime, names, subjects }: GatheredNames): void {
    for (const name of names) this.#mark(this.#markOf(name));
    for (const subject of subjects) this.#mark(markOfSubject(subject));
    if (logTime < this.#since) this.#since = logTime;
    if (logTime > this.#until) this.#until = logTime;
    this.#last = seq;
  }

  block(): NameBlock {
    const count = this.#steps.size + this.#doubles.length;
    const bytes = 2 ** Math.ceil(Math.log2(Math.max(MIN_BYTES, (count * BITS_A_NAME) / 8)));
    const filter = Buffer.alloc(bytes);
    for (const [start, step] of this.#steps) setBits(filter, { start, step });
    for (const mark of this.#doubles) setBits(filter, mark);
    return { first: this.first, last: this.#last, since: this.#since, until: this.#until, filter };
  }

  #mark(mark: NameMark): void {
    const { start, step } = mark;
    const known = this.#steps.get(start);
    if (known === undefined) this.#steps.set(start, step);
    else if (known !== step) this.#doubles.push(mark);
  }

  #markOf(name: string): NameMark {
    const known = this.#known.get(name) ?? markOf(name);
    this.#known.set(name, known);
    return known;
  }
}

function setBits(filter: Buffer, { start, step }: NameMark): void {
  const mask = filter.length * 8 - 1;
  for (let index = 0; index < PROBES; index += 1) {
    const bit = placeOf(start, step, index) & mask;
    filter[bit >>> 3]! |= 1 << (bit & 7);
  }
}

/** Numbers below 2^31; a filter may hold a name only where the bit at each, modulo its bits, is set. */
export function probesOf(name: string): number[] {
  const { start, step } = name.startsWith(SUBJECT) ? markOfSubject(name.slice(SUBJECT.length)) : markOf(name);
  return Array.from({ length: PROBES }, (_, index) => placeOf(start, step, index));
}

function placeOf(start: number, step: number, index: number): number {
  return ((start + Math.imul(index, step)) >>> 0) >>> 1;
}

const MARK_BYTES = 8;
const scratch = Buffer.alloc(MARK_BYTES);

function markOf(name: string): NameMark {
  scratch.write(hash('sha256', name), 0, MARK_BYTES, 'hex');
  return markIn(scratch);
}

/** The digest of a subject looks like chance already, and there are many of them. */
function markOfSubject(digest: string): NameMark {
  const written = scratch.write(digest, 0, MARK_BYTES, 'base64url');
  return written === MARK_BYTES ? markIn(scratch) : markOf(`${SUBJECT}${digest}`);
}

function markIn(bytes: Buffer): NameMark {
  return { start: bytes.readUInt32LE(0), step: (bytes.readUInt32LE(4) | 1) >>> 0 };
}

/** Whether a filter may hold a name; false only where it does not. */
export function mayHold(filter: Uint8Array, probes: readonly number[]): boolean {
  const bits = filter.length * 8;
  return probes.every((probe) => ((filter[(probe % bits) >>> 3] ?? 0) & (1 << (probe & 7))) !== 0);
}
