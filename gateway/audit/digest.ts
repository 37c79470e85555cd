import { createHash, hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { AnswerText } from '../message.ts';

/** Where the bytes of a text are written to be digested, so that no buffer has to be made for them. */
const room = Buffer.allocUnsafeSlow(131_072);
/** At most so many bytes are a character in UTF-8. */
const MAX_CHARACTER_BYTES = 3;

/** SHA-256 of the bytes of a text, in hex. */
export function digestOf({ text, encoding }: AnswerText): string {
  const bytes = encoding === 'latin1' ? text.length : text.length * MAX_CHARACTER_BYTES;
  if (bytes <= room.length) return hash('sha256', room.subarray(0, room.write(text, encoding)));
  return encoding === 'utf8' ? hash('sha256', text) : createHash('sha256').update(text, 'latin1').digest('hex');
}

/** Below this, making the digest costs little more than looking whether it is known. */
const MIN_REMEMBERED_LENGTH = 4_096;
/** Characters of texts that are kept to be compared with, in all. */
const MAX_REMEMBERED = 16_777_216;
/** After so many that were not as the one before, only each of as many is kept to be compared with. */
const MAX_MISSES = 16;

/** The last long text of one origin. */
interface Remembered extends AnswerText {
  digest: string;
  /** How many before it, or after it, were not as the one before. */
  misses: number;
}

/** Stands for a text that is not kept. */
const NOTHING = { text: '', encoding: 'utf8', digest: '' } as const;

/**
 * Makes digests, and remembers them of long texts that come again: the same question mostly has the same answer until something
 * changes, and to compare two texts costs a twentieth of a digest. What never repeats is not kept.
 */
export class Digests {
  readonly #last = new LRUCache<object, Remembered>({
    maxSize: MAX_REMEMBERED,
    sizeCalculation: ({ text }) => text.length + 1,
  });

  /** SHA-256 of the bytes of a text, in hex. @param origin what such texts come from */
  of(origin: object, given: AnswerText): string {
    const { text, encoding } = given;
    if (text.length < MIN_REMEMBERED_LENGTH) return digestOf(given);
    const last = this.#last.get(origin);
    if (last?.text === text && last.encoding === encoding) {
      last.misses = 0;
      return last.digest;
    }
    const digest = digestOf(given);
    const misses = last ? last.misses + 1 : 0;
    if (misses < MAX_MISSES || misses % MAX_MISSES === 0) this.#last.set(origin, { text, encoding, digest, misses });
    else if (last!.text === '') last!.misses = misses;
    else this.#last.set(origin, { ...NOTHING, misses });
    return digest;
  }
}
