import { NO_HASH, recordHash, recordText, sealHash, type HashedText, type Opening, type Seal } from './chain.ts';
import type { Signer } from '../keys/signer.ts';
import { MerkleTree } from './merkle.ts';
import type { Batch, NumberedText, StoredSeal } from './store.ts';

/** An entry as it comes to the chain. */
export interface IncomingEntry {
  /** The entry as JSON. */
  readonly text: string;
  /** Digests of whom it is about. */
  readonly subjects: readonly string[];
}

/** Where a chain is. Never changed: what comes after is another one, which holds once it is written. */
export interface ChainState {
  readonly chain: string;
  readonly seq: number;
  /** The hash of the last record. */
  readonly head: string;
  /** The number of the last seal, and its hash. */
  readonly seal: number;
  readonly sealHash: string;
  /** The hashes of the records that no seal covers yet. */
  readonly unsealed: readonly string[];
  /** Nothing comes after it. */
  readonly isClosed: boolean;
}

/** What is to be written, and where the chain is then. */
export interface Draft {
  readonly batch: Batch;
  readonly state: ChainState;
}

/** A state while records are being added. */
type Growing = { -readonly [Key in Exclude<keyof ChainState, 'unsealed'>]: ChainState[Key] } & { unsealed: string[] };

/** What seals are made with. */
export interface Sealing {
  readonly signer: Signer;
  /** A seal is made as soon as so many records wait for one. */
  readonly sealEveryRecords: number;
  /** ISO 8601, UTC. */
  now(): string;
}

/** The seal that opens a chain. */
export function draftOpening(chain: string, opening: Opening, sealing: Sealing): Draft {
  const nothing = { chain, seq: 0, head: NO_HASH, seal: -1, sealHash: NO_HASH, unsealed: [], isClosed: false };
  return draftSeal(nothing, sealing, { opening });
}

/** Records for entries, and seals where enough of them have come together. */
export function draftRecords(state: ChainState, entries: readonly IncomingEntry[], sealing: Sealing): Draft {
  const records: NumberedText[] = [];
  const seals: StoredSeal[] = [];
  let current: Growing = { ...state, unsealed: [...state.unsealed] };
  for (const entry of entries) {
    const record = draftRecord(current, entry);
    records.push(record);
    current.unsealed.push(record.hash);
    current.seq = record.seq;
    current.head = record.hash;
    if (current.unsealed.length < sealing.sealEveryRecords) continue;
    const sealed = draftSeal(current, sealing);
    seals.push(...sealed.batch.seals);
    current = { ...sealed.state, unsealed: [] };
  }
  return { batch: { chain: state.chain, records, seals }, state: current };
}

function draftRecord(
  { chain, seq: last, head: previous }: ChainState,
  { text: entryText, subjects }: IncomingEntry,
): NumberedText {
  const seq = last + 1;
  const text = recordText({ chain, seq, previous }, entryText, subjects);
  return { seq, text, hash: recordHash(text) };
}

/** A seal over what no seal covers yet, be it nothing. */
export function draftSeal(
  state: ChainState,
  { signer, now }: Sealing,
  end: Pick<Seal, 'opening' | 'closing'> = {},
): Draft {
  const { chain, seq, head, unsealed } = state;
  const seal: Seal = {
    chain,
    number: state.seal + 1,
    previous: state.sealHash,
    first: seq - unsealed.length + 1,
    last: seq,
    root: rootOver(unsealed),
    head,
    time: now(),
    key: signer.keyId,
    ...end,
  };
  const signed = signer.sign('seal', JSON.stringify(seal));
  return {
    batch: { chain, records: [], seals: [{ number: seal.number, last: seq, ...signed }] },
    state: {
      ...state,
      seal: seal.number,
      sealHash: sealHash(signed.text),
      unsealed: [],
      isClosed: end.closing ?? false,
    },
  };
}

function rootOver(hashes: readonly HashedText['hash'][]): string {
  const tree = new MerkleTree();
  for (const each of hashes) tree.add(each);
  return tree.root();
}
