import { randomBytes } from 'node:crypto';
import {
  draftOpening,
  draftRecords,
  draftSeal,
  type ChainState,
  type Draft,
  type IncomingEntry,
  type Sealing,
} from './chain-draft.ts';
import type { SignedText } from '../keys/signer.ts';
import { BLOCK_RECORDS, NameGatherer, type GatheredNames } from './name-block.ts';
import type { TrailStore } from './store.ts';

/** How many other chains an opening says the ends of. */
const MAX_OTHERS = 100;

export interface ChainWriterOptions extends Sealing {
  readonly logSourceSystem: string;
  /** See `subjectSecretId`. */
  readonly subjectSecret: string;
  /** Told of seals once they are written. */
  onSealed(seals: readonly SignedText[]): void;
}

/** An entry with what it is found by. */
export interface FindableEntry extends IncomingEntry, GatheredNames {}

/** What is being written: where the store fails it may be there or not. */
interface UnderWay {
  readonly draft: Draft;
  readonly entries: readonly FindableEntry[];
}

/** Writes one chain into a store, one step at a time: who calls waits for the step before. */
export class ChainWriter {
  readonly #store: TrailStore;
  readonly #options: ChainWriterOptions;
  #state: ChainState;
  #names = new NameGatherer(1);
  #inDoubt: UnderWay | undefined;

  private constructor(store: TrailStore, options: ChainWriterOptions, state: ChainState) {
    this.#store = store;
    this.#options = options;
    this.#state = state;
  }

  /** Makes the keys known and opens a new chain. */
  static async open(store: TrailStore, options: ChainWriterOptions): Promise<ChainWriter> {
    await store.addKeys(options.signer.announcements);
    return new ChainWriter(store, options, await openChain(store, options));
  }

  get chain(): string {
    return this.#state.chain;
  }

  /** Records that no seal covers yet. */
  get unsealed(): number {
    return this.#state.unsealed.length;
  }

  /** Resolves once the entries are durable. */
  async write(entries: readonly FindableEntry[]): Promise<void> {
    await this.#settleDoubt();
    await this.#commit({ draft: draftRecords(this.#state, entries, this.#options), entries });
  }

  /** Seals what is not sealed yet; where that is nothing, the seal says that the writer is still there. */
  async seal(end: { closing?: true } = {}): Promise<void> {
    await this.#settleDoubt();
    await this.#commit({ draft: draftSeal(this.#state, this.#options, end), entries: [] });
  }

  async #commit({ draft: { batch, state }, entries }: UnderWay): Promise<void> {
    const isBlockDue = this.#names.size >= BLOCK_RECORDS || state.isClosed;
    const block = isBlockDue && this.#names.size > 0 ? this.#names.block() : undefined;
    const underWay = { draft: { batch: { ...batch, block }, state }, entries };
    this.#inDoubt = underWay;
    await this.#store.append(underWay.draft.batch);
    this.#take(underWay);
  }

  /** What was under way is written. */
  #take({ draft: { batch, state }, entries }: UnderWay): void {
    this.#inDoubt = undefined;
    if (batch.block) this.#names = new NameGatherer(batch.block.last + 1, this.#names);
    for (const [index, { seq }] of batch.records.entries()) this.#names.add(seq, entries[index]!);
    this.#state = state;
    if (batch.seals.length > 0) this.#options.onSealed(batch.seals);
  }

  /**
   * A store that fails may have written all the same: a connection can be lost after the commit. What the store holds decides; where it
   * holds something else again, which a commit that comes late can bring about, this chain is left as it is and a new one begins.
   */
  async #settleDoubt(): Promise<void> {
    const inDoubt = this.#inDoubt;
    if (!inDoubt) return;
    const end = await this.#store.end(this.#state.chain);
    if (isAt(end, inDoubt.draft.state)) return this.#take(inDoubt);
    if (!isAt(end, this.#state)) {
      this.#state = await openChain(this.#store, this.#options);
      this.#names = new NameGatherer(1, this.#names);
    }
    this.#inDoubt = undefined;
  }
}

function isAt(end: Awaited<ReturnType<TrailStore['end']>>, { seq, head, seal }: ChainState): boolean {
  return end !== undefined && end.seq === seq && end.seal === seal && (seq === 0 || end.hash === head);
}

async function openChain(store: TrailStore, options: ChainWriterOptions): Promise<ChainState> {
  const { logSourceSystem, subjectSecret } = options;
  const chain = `${logSourceSystem}-${randomBytes(6).toString('hex')}`;
  const others = await store.ends(MAX_OTHERS);
  const { batch, state } = draftOpening(chain, { logSourceSystem, subjectSecret, others }, options);
  await store.append(batch);
  options.onSealed(batch.seals);
  return state;
}
