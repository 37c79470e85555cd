import { createHash, hash } from 'node:crypto';

/** What stands before the first record and the first seal. */
export const NO_HASH = '0'.repeat(64);

/** A chain is named after the system that writes it and a random text. */
const RECORD_HEAD = /^\{"chain":"([\w.-]{1,100})","seq":([1-9]\d{0,15}),"previous":"([0-9a-f]{64})",/;
const HEAD_BYTES = 230;

/** Where a record stands. */
export interface RecordHead {
  readonly chain: string;
  readonly seq: number;
  readonly previous: string;
}

/** A record as it is kept: the text, and the hash of it. */
export interface HashedText {
  readonly hash: string;
  readonly text: string;
}

/** What a seal says; each is signed, and says the hash of the seal before it. */
export interface Seal {
  readonly chain: string;
  /** From 0, without gaps; 0 opens the chain. */
  readonly number: number;
  /** The hash of the seal before it; zeros for the first. */
  readonly previous: string;
  /** The records it seals; `last` is before `first` where there are none. */
  readonly first: number;
  readonly last: number;
  /** The Merkle root over these records. */
  readonly root: string;
  /** The hash of the last record of the chain; zeros where there is none. */
  readonly head: string;
  /** When it was made, by this machine's clock. */
  readonly time: string;
  /** Which key signs it. */
  readonly key: string;
  /** In the seal that opens a chain. */
  readonly opening?: Opening;
  /** In the seal that ends a chain: nothing comes after it. */
  readonly closing?: true;
}

/** What a chain says as it begins. */
export interface Opening {
  readonly logSourceSystem: string;
  /** Which secret its subjects are digested with. */
  readonly subjectSecret: string;
  /** Where the other chains of the store were then: what is taken from their ends later is missed here. */
  readonly others: readonly ChainEnd[];
}

/** Where a chain was at some time. */
export interface ChainEnd {
  readonly chain: string;
  readonly seq: number;
  /** Of the record. */
  readonly hash: string;
}

/**
 * A record's text: where it stands, the entry, and whom it is about.
 *
 * @param entryText the entry as a JSON object that is not empty
 */
export function recordText(
  { chain, seq, previous }: RecordHead,
  entryText: string,
  subjects: readonly string[],
): string {
  const place = `{"chain":"${chain}","seq":${seq},"previous":"${previous}",`;
  return `${place}${entryText.slice(1, -1)},"subjects":${JSON.stringify(subjects)}}`;
}

/** Where the record stands that a text or its bytes hold; nothing where they hold none. */
export function readRecordHead(text: string | Buffer): RecordHead | undefined {
  const start = typeof text === 'string' ? text : text.toString('latin1', 0, HEAD_BYTES);
  const found = RECORD_HEAD.exec(start);
  return found ? { chain: found[1]!, seq: Number(found[2]), previous: found[3]! } : undefined;
}

/** A record's hash in hex, which is also its leaf in the Merkle tree: SHA-256 of 0x00 and the text. */
export function recordHash(text: string | Buffer): string {
  if (typeof text === 'string') return hash('sha256', `\0${text}`);
  return createHash('sha256').update('\0').update(text).digest('hex');
}

/** A seal's hash in hex: SHA-256 of 0x02 and the text, so that it cannot be taken for a record's or a node's. */
export function sealHash(text: string): string {
  return hash('sha256', `\u0002${text}`);
}
