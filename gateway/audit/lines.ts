import type { HashedText } from './chain.ts';
import type { SignedKind, SignedText } from '../keys/signer.ts';

/*
 * The lines of an archive are JSON in one form only, so that a changed byte has nowhere to hide, and what is signed or hashed is
 * found without being read: {"hash":"…","record":{…}} and {"signature":"…","seal":{…}}, the same with a stamp.
 */

const HASH_START = '{"hash":"';
const RECORD_START = '","record":';
const SIGNATURE_START = '{"signature":"';
const HASH_LENGTH = 64;
const SIGNATURE_LENGTH = 128;

/** The line of a record, its end included. */
export function recordLine({ hash, text }: HashedText): string {
  return `${HASH_START}${hash}${RECORD_START}${text}}\n`;
}

/** The line of something signed, its end included. */
export function signedLine(kind: SignedKind, { text, signature }: SignedText): string {
  return `${SIGNATURE_START}${signature}","${kind}":${text}}\n`;
}

/** What a line holds. */
export type ReadLine =
  | { readonly kind: 'record'; readonly hash: string; readonly text: Buffer }
  | ({ readonly kind: SignedKind } & SignedText);

const KINDS: readonly SignedKind[] = ['seal', 'stamp', 'key', 'note', 'manifest'];

/** Reads a line without its end; nothing where it has not exactly the form of one. */
export function readLine(line: Buffer): ReadLine | undefined {
  if (line.at(-1) !== 0x7d) return undefined;
  if (startsWith(line, HASH_START, 0)) {
    const textStart = HASH_START.length + HASH_LENGTH + RECORD_START.length;
    if (!startsWith(line, RECORD_START, textStart - RECORD_START.length)) return undefined;
    const hash = line.toString('latin1', HASH_START.length, HASH_START.length + HASH_LENGTH);
    return { kind: 'record', hash, text: line.subarray(textStart, -1) };
  }
  if (!startsWith(line, SIGNATURE_START, 0)) return undefined;
  const end = SIGNATURE_START.length + SIGNATURE_LENGTH;
  for (const kind of KINDS) {
    const textStart = `","${kind}":`;
    if (!startsWith(line, textStart, end)) continue;
    const bytes = line.subarray(end + textStart.length, -1);
    const text = bytes.toString();
    // Decoding mends what is no UTF-8, and what is mended would hide a change.
    if (Buffer.byteLength(text) !== bytes.length || !Buffer.from(text).equals(bytes)) return undefined;
    return { kind, signature: line.toString('latin1', SIGNATURE_START.length, end), text };
  }
  return undefined;
}

function startsWith(line: Buffer, text: string, at: number): boolean {
  return line.toString('latin1', at, at + text.length) === text;
}
