import { createHash, timingSafeEqual } from 'node:crypto';

/** The header by which a caller who may be told asks how an answer came about; its value is the secret. */
export const EXPLAIN_HEADER = 'switchyard-explain';

/** Whether a header's value is the secret. */
export type IsExplainSecret = (headerValue: string | readonly string[]) => boolean;

/** Compares with a secret, in a time that tells nothing of how much of it was right. */
export function compareExplainSecret(secret: string): IsExplainSecret {
  const expected = digest(Buffer.from(secret, 'utf8'));
  // A header's characters are the bytes that were sent.
  return (value) => typeof value === 'string' && timingSafeEqual(digest(Buffer.from(value, 'latin1')), expected);
}

/** Digests have one length, whatever the texts have; the comparison needs that. */
function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
