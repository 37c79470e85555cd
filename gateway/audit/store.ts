import type { ChainEnd, HashedText } from './chain.ts';
import type { SignedText } from '../keys/signer.ts';
import type { NameBlock } from './name-block.ts';
import type { StoredTimeStamp } from './time-stamps/time-stamp.ts';

/** A record with where it stands. */
export interface NumberedText extends HashedText {
  readonly seq: number;
}

/** A seal with where it stands. */
export interface StoredSeal extends SignedText {
  readonly number: number;
  /** The last record that it seals. */
  readonly last: number;
}

/** What is written at once: all of it or nothing. */
export interface Batch {
  readonly chain: string;
  readonly records: readonly NumberedText[];
  readonly seals: readonly StoredSeal[];
  /** Of records that were written before. */
  readonly block?: NameBlock | undefined;
}

/** How far a chain is written. */
export interface StoredEnd extends ChainEnd {
  /** The number of the last seal; -1 where there is none. */
  readonly seal: number;
}

/** How much of a chain the store holds. */
export interface StoredChain {
  readonly chain: string;
  readonly records: number;
  readonly seals: number;
}

/** Later than every time. */
export const END_OF_TIME = '\u{10FFFF}';

/** A part of a chain in which something may be found. */
export interface Stretch {
  readonly chain: string;
  readonly first: number;
  readonly last: number;
  /** The last `logTime` in it. */
  readonly until: string;
}

/** Says of a chain's beginning that it was exported and deleted; signed, and what the store needs to delete anything. */
export interface PruneNote {
  readonly chain: string;
  /** The last seal that was deleted, and its hash. */
  readonly seal: number;
  readonly sealHash: string;
  /** The last record that was deleted, and its hash. */
  readonly seq: number;
  readonly hash: string;
  readonly time: string;
  /** SHA-256 of the manifest of the archive that holds them. */
  readonly archive: string;
  readonly key: string;
}

/** Where the trail is kept. Nothing is ever changed, and nothing deleted but by {@link TrailStore.prune}. */
export interface TrailStore {
  /** What and where, without passwords. */
  readonly description: string;
  /** Whether what is written survives the loss of power; not where the database was told to be quick instead. */
  readonly isDurable: boolean;
  /** Resolves once the batch is durable. */
  append(batch: Batch): Promise<void>;
  /** Makes keys known; those that are known already are left alone. */
  addKeys(announcements: readonly SignedText[]): Promise<void>;
  /** In the order in which they were added. */
  keys(): Promise<readonly SignedText[]>;
  /** Where a chain ends; nothing where the store holds none of it. */
  end(chain: string): Promise<StoredEnd | undefined>;
  /** Where the chains end, those written to last first. */
  ends(limit: number): Promise<readonly ChainEnd[]>;
  /** In the order in which they began. */
  chains(): Promise<readonly StoredChain[]>;
  /** Records after a sequence number, in their order. */
  records(chain: string, after: number, limit: number): Promise<readonly NumberedText[]>;
  /** Seals after a number, in their order. */
  seals(chain: string, after: number, limit: number): Promise<readonly StoredSeal[]>;
  /** Adds the time stamp of a seal; one that is there already stays. */
  addTimeStamp(chain: string, stamp: StoredTimeStamp): Promise<void>;
  /** Time stamps of seals after a number, in their order. */
  timeStamps(chain: string, after: number, limit: number): Promise<readonly StoredTimeStamp[]>;
  /**
   * The stretches of all chains that may hold a name, by its probes (see `probesOf`; all of them where there are none) and that reach
   * into a time. The end of a chain that no block stands for yet is always among them.
   */
  stretches(probes: readonly number[], time: { since: string; until?: string }): Promise<readonly Stretch[]>;
  /** The texts of a stretch in which another text stands. */
  scan(stretch: Stretch, needle: string): Promise<readonly string[]>;
  /** Blocks that reach further than a sequence number, in their order. */
  blocks(chain: string, after: number, limit: number): Promise<readonly NameBlock[]>;
  notes(): Promise<readonly SignedText[]>;
  /** Deletes a chain's beginning, and leaves the note. */
  prune(note: PruneNote, signed: SignedText): Promise<void>;
  close(): Promise<void>;
}

/** How a store is opened. */
export interface StoreOptions {
  /** Nothing is written, not even the tables. Default: false */
  readonly readOnly?: boolean;
  /** How long one step may take. */
  readonly timeoutMs: number;
}

/** What stands in a chain, in the order in which it was written. */
export type ChainItem = ({ readonly kind: 'record' } & HashedText) | ({ readonly kind: 'seal' | 'stamp' } & SignedText);

const PAGE = 1_000;

/** The time stamps of a chain, as its seals are come to. */
class TimeStampPages {
  readonly #store: TrailStore;
  readonly #chain: string;
  #page: StoredTimeStamp[] = [];
  #readUpTo = -1;

  constructor(store: TrailStore, chain: string) {
    this.#store = store;
    this.#chain = chain;
  }

  /** Those that were not given yet, up to a seal. */
  async *upTo(seal: number): AsyncGenerator<StoredTimeStamp> {
    for (;;) {
      if (this.#page.length === 0 && this.#readUpTo < Infinity) {
        this.#page = [...(await this.#store.timeStamps(this.#chain, this.#readUpTo, PAGE))];
        this.#readUpTo = this.#page.at(-1)?.seal ?? Infinity;
      }
      const [next] = this.#page;
      if (!next || next.seal > seal) return;
      yield this.#page.shift()!;
    }
  }
}

/**
 * A chain's records and seals in their order: each seal after the last record that it seals, and its time stamp behind it. Time stamps
 * of seals that were exported and deleted since they were asked for are passed over.
 */
export async function* readChain(
  store: TrailStore,
  chain: string,
  from = { seq: 0, seal: -1 },
): AsyncGenerator<ChainItem> {
  let { seq, seal } = from;
  let seals = await store.seals(chain, seal, PAGE);
  let nextSeal = 0;
  const stamps = new TimeStampPages(store, chain);
  // Up to a record, or to the end.
  async function* sealsBefore(place: number): AsyncGenerator<ChainItem> {
    for (; seals.length > 0 && seals[nextSeal]!.last < place; nextSeal += 1) {
      const { number, text, signature } = seals[nextSeal]!;
      yield { kind: 'seal', text, signature };
      seal = number;
      for await (const stamp of stamps.upTo(number))
        if (stamp.seal === number) yield { kind: 'stamp', ...signedOf(stamp) };
      if (nextSeal < seals.length - 1) continue;
      seals = await store.seals(chain, seal, PAGE);
      nextSeal = -1;
    }
  }
  for (;;) {
    const records = await store.records(chain, seq, PAGE);
    for (const record of records) {
      yield* sealsBefore(record.seq);
      yield { kind: 'record', hash: record.hash, text: record.text };
      seq = record.seq;
    }
    if (records.length === 0) break;
  }
  yield* sealsBefore(Infinity);
  for await (const stamp of stamps.upTo(Infinity)) yield { kind: 'stamp', ...signedOf(stamp) };
}

function signedOf({ text, signature }: SignedText): SignedText {
  return { text, signature };
}
