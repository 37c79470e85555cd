import { NO_HASH, readRecordHead, recordHash, sealHash, type Seal } from './chain.ts';
import type { ChainReport, Fault } from './fault.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { SignedText } from '../keys/signer.ts';
import { MerkleTree } from './merkle.ts';
import { readTimeStamp } from './time-stamps/time-stamp.ts';

/** What stands before the first thing of a chain that is there: nothing, or what was exported and deleted. */
export interface ChainStart {
  readonly seq: number;
  readonly hash: string;
  readonly seal: number;
  readonly sealHash: string;
}

export const BEGINNING: ChainStart = { seq: 0, hash: NO_HASH, seal: -1, sealHash: NO_HASH };

/** What others say of a chain: the hashes of some of its records and seals, by their numbers. */
export interface Witnesses {
  readonly records: ReadonlyMap<number, string>;
  readonly seals: ReadonlyMap<number, string>;
}

/** A record or a seal, as bytes where it comes from a file. */
export type CheckedItem =
  | { readonly kind: 'record'; readonly hash: string; readonly text: string | Buffer }
  | ({ readonly kind: 'seal' | 'stamp' } & SignedText);

type Found = Pick<Fault, 'kind' | 'message' | 'chain' | 'seq' | 'seal'>;

/** Checks one chain, item by item; takes the same memory however long it is. After a fault it is of no more use. */
export class ChainCheck {
  readonly #chain: string;
  readonly #start: ChainStart;
  readonly #keys: KeyRing;
  readonly #witnesses: Witnesses;
  #at: ChainStart;
  #tree = new MerkleTree();
  #isClosed = false;
  #sealedAt: string | undefined;
  /** The last seal that a time stamp stands behind. */
  #stamped: number;

  constructor(chain: string, start: ChainStart, { keys, witnesses }: { keys: KeyRing; witnesses: Witnesses }) {
    this.#chain = chain;
    this.#start = start;
    this.#at = start;
    this.#stamped = start.seal;
    this.#keys = keys;
    this.#witnesses = witnesses;
  }

  /** Says what is wrong, where something is. */
  take(item: CheckedItem): Found | undefined {
    if (item.kind === 'stamp') return this.#takeStamp(item);
    if (this.#isClosed) return this.#fault('unexpected', 'Something stands behind the seal that ended the chain.');
    return item.kind === 'record' ? this.#takeRecord(item) : this.#takeSeal(item);
  }

  /** Says what is missing at the end, where something is. */
  end(): Found | undefined {
    for (const [place, numbers] of [
      ['seq', this.#witnesses.records.keys()],
      ['seal', this.#witnesses.seals.keys()],
    ] as const) {
      const furthest = Math.max(-1, ...numbers);
      if (furthest <= this.#at[place]) continue;
      const what = place === 'seq' ? 'record' : 'seal';
      const message = `The end is gone: ${what} ${furthest} was there once, and ${this.#at[place]} is the last.`;
      return { ...this.#fault('truncated', message), [place]: this.#at[place] + 1 };
    }
    return undefined;
  }

  /** Where it has come to. */
  get at(): ChainStart {
    return this.#at;
  }

  report(): ChainReport {
    return {
      chain: this.#chain,
      records: this.#at.seq - this.#start.seq,
      seals: this.#at.seal - this.#start.seal,
      first: this.#start.seq + 1,
      last: this.#at.seq,
      unsealed: this.#tree.size,
      isClosed: this.#isClosed,
      sealedAt: this.#sealedAt,
    };
  }

  #fault(kind: Fault['kind'], message: string): Found {
    return { kind, message, chain: this.#chain };
  }

  #takeRecord({ hash, text }: { hash: string; text: string | Buffer }): Found | undefined {
    const expected = this.#at.seq + 1;
    const fault = (kind: Fault['kind'], message: string, seq = expected): Found => ({
      ...this.#fault(kind, message),
      seq,
    });
    if (recordHash(text) !== hash)
      return fault('altered', `Record ${expected} was altered: it does not have the hash that stands beside it.`);
    const head = readRecordHead(text);
    if (!head) return fault('unreadable', `Record ${expected} does not say where it stands.`);
    const { chain, seq, previous } = head;
    if (chain !== this.#chain) return fault('order', `A record of chain ${chain} stands here.`);
    if (seq > expected) return fault('missing', `${span('Record', expected, seq - 1)} missing before record ${seq}.`);
    if (seq < expected) return fault('order', `Record ${seq} stands where record ${expected} belongs.`, seq);
    if (previous !== this.#at.hash)
      return fault('altered', `Record ${seq} does not follow from the one before it: one of the two was replaced.`);
    if ((this.#witnesses.records.get(seq) ?? hash) !== hash)
      return fault('altered', `Record ${seq} is not the one that another chain has seen here.`);
    this.#tree.add(hash);
    this.#at = { ...this.#at, seq, hash };
    return undefined;
  }

  #takeSeal(signed: SignedText): Found | undefined {
    const expected = this.#at.seal + 1;
    const fault = (kind: Fault['kind'], message: string, seal = expected): Found => ({
      ...this.#fault(kind, message),
      seal,
    });
    const seal = readSeal(signed.text);
    if (!seal) return fault('unreadable', `Seal ${expected} cannot be read.`);
    const { number, key } = seal;
    const outcome = this.#keys.check('seal', key, signed);
    if (outcome === 'unknown key') return fault('key', `Seal ${expected} is of key ${key}, which may not sign.`);
    if (outcome === 'wrong signature')
      return fault('signature', `Seal ${expected} was altered: its signature is not over what it says.`);
    if (seal.chain !== this.#chain) return fault('order', `A seal of chain ${seal.chain} stands here.`);
    if (number > expected)
      return fault('missing', `${span('Seal', expected, number - 1)} missing before seal ${number}.`);
    if (number < expected) return fault('order', `Seal ${number} stands where seal ${expected} belongs.`, number);
    const wrong = this.#contradicts(seal, sealHash(signed.text));
    if (wrong) return { seal: number, ...wrong };
    this.#at = { ...this.#at, seal: number, sealHash: sealHash(signed.text) };
    this.#tree = new MerkleTree();
    this.#isClosed = seal.closing ?? false;
    this.#sealedAt = seal.time;
    return undefined;
  }

  /** A time stamp stands behind its seal, before anything else. What the authority has signed is checked elsewhere. */
  #takeStamp(signed: SignedText): Found | undefined {
    const at = this.#at.seal;
    const fault = (kind: Fault['kind'], message: string): Found => ({ ...this.#fault(kind, message), seal: at });
    const stamp = readTimeStamp(signed.text);
    if (!stamp) return fault('unreadable', `The time stamp of seal ${at} cannot be read.`);
    const { chain, seal, key } = stamp;
    const outcome = this.#keys.check('stamp', key, signed);
    if (outcome === 'unknown key')
      return fault('key', `The time stamp of seal ${at} is of key ${key}, which may not sign.`);
    if (outcome === 'wrong signature')
      return fault('signature', `The time stamp of seal ${at} was altered: its signature is not over what it says.`);
    if (chain === this.#chain && seal > at)
      return { ...fault('missing', `${span('Seal', at + 1, seal)} missing before the time stamp.`), seal: at + 1 };
    if (chain !== this.#chain || seal < at || seal === this.#stamped || this.#tree.size > 0)
      return fault('order', `The time stamp of seal ${seal} of chain ${chain} stands here.`);
    this.#stamped = seal;
    return undefined;
  }

  /** Says where a seal, itself as it was signed, does not fit what stands before it. */
  #contradicts({ number, previous, first, last, root, head }: Seal, hash: string): Found | undefined {
    const { seq, hash: lastHash, sealHash: previousHash } = this.#at;
    if (previous !== previousHash)
      return this.#fault(
        'altered',
        `Seal ${number} does not follow from the one before it: one of the two was replaced.`,
      );
    if (last > seq)
      return {
        ...this.#fault('missing', `${span('Record', seq + 1, last)} missing before seal ${number}.`),
        seq: seq + 1,
      };
    if (last < seq || first !== seq - this.#tree.size + 1)
      return this.#fault(
        'order',
        `Seal ${number} is over records ${first} to ${last}, and stands behind record ${seq}.`,
      );
    if (root !== this.#tree.root() || head !== lastHash)
      return { ...this.#fault('altered', `Records ${first} to ${last} are not those that were sealed.`), seq: first };
    if ((this.#witnesses.seals.get(number) ?? hash) !== hash)
      return this.#fault('altered', `Seal ${number} is not the one in the second place.`);
    return undefined;
  }
}

/** What a seal's text says; nothing where it is none. What it says holds only as far as it is signed. */
export function readSeal(text: string): Seal | undefined {
  try {
    const seal = JSON.parse(text) as Partial<Seal> | null;
    return Number.isSafeInteger(seal?.number) && typeof seal?.key === 'string' ? (seal as Seal) : undefined;
  } catch {
    return undefined;
  }
}

function span(what: string, first: number, last: number): string {
  return first === last ? `${what} ${first} is` : `${what}s ${first} to ${last} are`;
}
