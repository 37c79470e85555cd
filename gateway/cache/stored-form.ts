import { packBytes, unpackBytes } from './packed-bytes.ts';
import type { AnswerTimes, RememberedAnswer } from './store.ts';

/** What is known of an answer beside its text. */
interface StoredHead {
  isAscii: boolean;
  times: AnswerTimes;
}

/** An answer as bytes, for a store outside this process: a line with what is known of it, and its text. That this process asked for it is nothing to others. */
export function toStoredForm({ bytes, isAscii, times }: RememberedAnswer): Buffer {
  const head: StoredHead = { isAscii, times: { ...times, askedHereAtMs: undefined } };
  return packBytes(Buffer.from(`${JSON.stringify(head)}\n${bytes}`, 'latin1'));
}

/** Reads {@link toStoredForm}; undefined for anything else. */
export function fromStoredForm(stored: Buffer): RememberedAnswer | undefined {
  const text = unpackBytes(stored)?.toString('latin1');
  if (text === undefined) return undefined;
  const end = text.indexOf('\n');
  try {
    const { isAscii, times } = JSON.parse(text.slice(0, end)) as StoredHead;
    return { bytes: text.slice(end + 1), isAscii, times };
  } catch {
    return undefined;
  }
}
