import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { RememberedAnswer } from './store.ts';

/** The first byte of what is stored: how the rest is written. Others are of another release, and not known. */
const PLAIN = 0x11;
const COMPRESSED = 0x12;

/**
 * From how many bytes on an answer is compressed. Measured on rows of records: 3 KB come to 700 bytes, for 55 µs when they are
 * written and 20 µs each time they are read; smaller ones cost nearly as much and save little.
 */
const COMPRESS_FROM_BYTES = 4_096;
/** What an answer may come to when it is read; more is not ours. */
const MAX_BYTES = 64 * 1_048_576;

/** An answer as bytes, for a store outside this process: a line with what is known of it, and its text. That this process asked for it is nothing to others. */
export function toStoredForm({ bytes, ...known }: RememberedAnswer): Buffer {
  const head = JSON.stringify({ ...known, askedHereAtMs: undefined });
  const text = Buffer.from(`${head}\n${bytes}`, 'latin1');
  const isCompressed = text.length >= COMPRESS_FROM_BYTES;
  return Buffer.concat([Buffer.of(isCompressed ? COMPRESSED : PLAIN), isCompressed ? zstdCompressSync(text) : text]);
}

/** Reads {@link toStoredForm}; undefined for anything else. */
export function fromStoredForm(stored: Buffer): RememberedAnswer | undefined {
  try {
    const rest = stored.subarray(1);
    const isCompressed = stored[0] === COMPRESSED;
    if (!isCompressed && stored[0] !== PLAIN) return undefined;
    const text = isCompressed
      ? zstdDecompressSync(rest, { maxOutputLength: MAX_BYTES }).toString('latin1')
      : rest.toString('latin1');
    const end = text.indexOf('\n');
    const known = JSON.parse(text.slice(0, end)) as Omit<RememberedAnswer, 'bytes'>;
    return { ...known, bytes: text.slice(end + 1) };
  } catch {
    return undefined;
  }
}
