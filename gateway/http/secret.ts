import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether a header's value is the secret. */
export type IsSecret = (headerValue: string | readonly string[]) => boolean;

/** Compares with a secret, in a time that tells nothing of how much of it was right. */
export function compareSecret(secret: string): IsSecret {
  const expected = digest(Buffer.from(secret, 'utf8'));
  // A header's characters are the bytes that were sent.
  return (value) => typeof value === 'string' && timingSafeEqual(digest(Buffer.from(value, 'latin1')), expected);
}

/** Digests have one length, whatever the texts have; the comparison needs that. */
function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
