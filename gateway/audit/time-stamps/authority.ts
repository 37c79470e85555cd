import { randomBytes } from 'node:crypto';
import { request } from 'undici';
import { TrailError } from '../trail-error.ts';
import { checkToken, readReply, timeStampQuery, type Stamped, type TokenCheck } from './token.ts';

/** What an answer may have; real ones have up to ten. */
const MAX_REPLY_BYTES = 65_536;
const NONCE_BYTES = 16;

export interface AuthorityOptions extends Pick<TokenCheck, 'trusted'> {
  readonly url: string;
  readonly timeoutMs: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/**
 * Asks a time-stamping authority over HTTP, see RFC 3161, section 3.4, and checks what it answers.
 *
 * @throws TrailError, and undici's errors
 */
export async function askForTimeStamp(
  text: string,
  { url, timeoutMs, signal, trusted }: AuthorityOptions,
): Promise<Stamped & { token: Uint8Array }> {
  const nonce = newNonce();
  const { statusCode, headers, body } = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
    body: timeStampQuery(text, nonce),
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  const bytes = await readBody(body);
  const type = String(headers['content-type'] ?? '').split(';', 1)[0];
  if (statusCode !== 200 || type !== 'application/timestamp-reply')
    throw new TrailError(`The authority answered with status ${statusCode} and ${type || 'no'} content type.`);
  const token = readReply(bytes);
  return { token, ...(await checkToken(token, { text, trusted, nonce })) };
}

/** Without a sign and without leading zeros: a number that is written in one way only. */
function newNonce(): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(randomBytes(NONCE_BYTES));
  nonce[0] = (nonce[0]! & 0x3f) | 0x40;
  return nonce;
}

async function readBody(body: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_REPLY_BYTES)
      throw new TrailError(`The authority's answer has more than ${MAX_REPLY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
