import { createHash, hash } from 'node:crypto';
import type { AnswerText } from '../message.ts';

/** SHA-256 of the bytes of a text, in hex. */
export function digestOf({ text, encoding }: AnswerText): string {
  // Neither makes a copy of the text; a buffer of it would cost as much again as half of the digest.
  return encoding === 'utf8' ? hash('sha256', text) : createHash('sha256').update(text, 'latin1').digest('hex');
}
