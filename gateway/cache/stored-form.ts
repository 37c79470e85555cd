import { packBytes, unpackBytes } from './packed-bytes.ts';
import type { RememberedAnswer } from './store.ts';

/** An answer as bytes, for a store outside this process: a line with what is known of it, and its text. That this process asked for it is nothing to others. */
export function toStoredForm({ bytes, ...known }: RememberedAnswer): Buffer {
  const head = JSON.stringify({ ...known, askedHereAtMs: undefined });
  return packBytes(Buffer.from(`${head}\n${bytes}`, 'latin1'));
}

/** Reads {@link toStoredForm}; undefined for anything else. */
export function fromStoredForm(stored: Buffer): RememberedAnswer | undefined {
  const text = unpackBytes(stored)?.toString('latin1');
  if (text === undefined) return undefined;
  const end = text.indexOf('\n');
  try {
    const known = JSON.parse(text.slice(0, end)) as Omit<RememberedAnswer, 'bytes'>;
    return { ...known, bytes: text.slice(end + 1) };
  } catch {
    return undefined;
  }
}
