import type { TrailQuery, TrailRecord } from '../entry.ts';

/** Where one may read on. */
type Place = NonNullable<TrailQuery['before']>;

/** Sorts behind every chain's name, and so before all records of its time. */
const LAST_CHAIN = '\u{10FFFF}';

/** A record's place as a text for clients. */
export function cursorOf({ logTime, chain, seq }: TrailRecord): string {
  return Buffer.from(JSON.stringify([logTime, chain, seq])).toString('base64url');
}

/** Reads back {@link cursorOf}; undefined where the text is none. */
export function readCursor(cursor: string): Place | undefined {
  try {
    const [logTime, chain, seq] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const isPlace = typeof logTime === 'string' && typeof chain === 'string' && Number.isSafeInteger(seq);
    return isPlace ? { logTime, chain, seq: seq as number } : undefined;
  } catch {
    return undefined;
  }
}

/** The place before all records up to a time. */
export function upTo(time: string): Place {
  return { logTime: time, chain: LAST_CHAIN, seq: 0 };
}
