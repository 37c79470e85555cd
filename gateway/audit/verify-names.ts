import { LRUCache } from 'lru-cache';
import { allNamesOf, type TrailRecord } from './entry.ts';
import { mayHold, probesOf, type NameBlock } from './name-block.ts';
import type { TrailStore } from './store.ts';

const PAGE = 100;
const MAX_PROBES = 10_000;

/** Checks that the blocks of a chain hold every name of its records: a block that hides one would hide a record from who asks. */
export class NameCheck {
  readonly #store: TrailStore;
  readonly #chain: string;
  readonly #probes = new LRUCache<string, number[]>({ max: MAX_PROBES });
  #page: NameBlock[] = [];
  #readUpTo = 0;

  constructor(store: TrailStore, chain: string) {
    this.#store = store;
    this.#chain = chain;
  }

  /** Says what is wrong, where something is. Records come in their order. */
  async take(seq: number, text: string): Promise<string | undefined> {
    const block = await this.#blockFor(seq);
    if (!block) return undefined;
    if (block.first > seq) return `Record ${seq} is in no block that it could be found by.`;
    const record = readRecord(text);
    if (!record) return `Record ${seq} cannot be read.`;
    const isInTime = block.since <= record.logTime && record.logTime <= block.until;
    const isFound = allNamesOf(record).every((name) => mayHold(block.filter, this.#probesOf(name)));
    return isInTime && isFound ? undefined : `Record ${seq} cannot be found by what it holds: its block was altered.`;
  }

  /** The first block that reaches as far as a record; none for records that no block stands for yet. */
  async #blockFor(seq: number): Promise<NameBlock | undefined> {
    while (this.#page[0] && this.#page[0].last < seq) this.#page.shift();
    if (this.#page.length > 0 || this.#readUpTo === Infinity) return this.#page[0];
    const blocks = await this.#store.blocks(this.#chain, Math.max(this.#readUpTo, seq - 1), PAGE);
    this.#page = [...blocks];
    this.#readUpTo = blocks.at(-1)?.last ?? Infinity;
    return this.#page[0];
  }

  #probesOf(name: string): number[] {
    const known = this.#probes.get(name) ?? probesOf(name);
    this.#probes.set(name, known);
    return known;
  }
}

/** What can be read at all was written by a gateway: it is hashed and sealed. */
function readRecord(text: string): TrailRecord | undefined {
  try {
    return JSON.parse(text) as TrailRecord;
  } catch {
    return undefined;
  }
}
