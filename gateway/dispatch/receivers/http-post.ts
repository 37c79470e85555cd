import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'undici';
import { ConfigError } from '../../config/config.ts';
import { retryAfterMs } from '../../fetch/retry-rules.ts';
import { DeliveryError } from '../delivery.ts';

/** What a receiver answered. */
export interface PostAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends to one address over HTTP. */
export interface HttpPost {
  /** Redirects are not followed, and an answer is not read beyond {@link MAX_ANSWER_BYTES}. @throws DeliveryError */
  send(headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<PostAnswer>;
  close(): Promise<void>;
}

/** A receipt is some hundred bytes, an envelope of SOAP some thousand. */
const MAX_ANSWER_BYTES = 262_144;

/** Longest time that a receiver may ask to be left alone. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * @param caFile roots that vouch for its certificate, PEM. Default: the system's
 * @throws ConfigError where the file cannot be read
 */
export function openHttpPost(url: string, caFile: string | undefined): HttpPost {
  // The signal ends it, whatever part of the answer is missing.
  const agent = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: caFile === undefined ? {} : { ca: readRoots(caFile) },
  });
  return {
    async send(headers, body, signal) {
      try {
        const answer = await request(url, { method: 'POST', headers, body, signal, dispatcher: agent });
        const text = await readBounded(answer.body);
        return { status: answer.statusCode, headers: answer.headers, text };
      } catch (error) {
        if (error instanceof DeliveryError) throw error;
        const code = signal.aborted ? 'RECEIVER_TIMEOUT' : 'RECEIVER_UNAVAILABLE';
        throw new DeliveryError(code, signal.aborted ? '' : (error as Error).message, { cause: error });
      }
    },
    close: () => agent.destroy(),
  };
}

function readRoots(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch (error) {
    throw new ConfigError(`The file ${caFile} of a receiver cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES)
      throw new DeliveryError('RECEIVER_ANSWER_TOO_LARGE', `It has more than ${MAX_ANSWER_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The header `authorization` that a file holds. Read each time, so that it may be changed while the gateway runs. */
export function authorisation(authorizationFile: string | undefined): Record<string, string> {
  if (authorizationFile === undefined) return {};
  try {
    return { authorization: readFileSync(authorizationFile, 'utf8').trim() };
  } catch (error) {
    throw new DeliveryError('RECEIVER_UNAVAILABLE', (error as Error).message, { cause: error });
  }
}

/**
 * What a status other than 2xx means for the delivery (RFC 9110, section 15).
 *
 * @param said what of the text beside it may be told. Default: nothing, for it may hold values
 */
export function statusError({ status, headers }: PostAnswer, said?: string): DeliveryError {
  const detail = `It answered with status ${status}.`;
  if (status < 400) return new DeliveryError('RECEIVER_REDIRECTED', detail, { said });
  // Too early, too much, or the same is being taken (draft-ietf-httpapi-idempotency-key-header, section 2.7).
  if ([408, 409, 425, 429, 503].includes(status)) {
    const waitMs = retryAfterMs(headers['retry-after']);
    return new DeliveryError('RECEIVER_BUSY', detail, { said, retryAfterMs: Math.min(waitMs, MAX_RETRY_AFTER_MS) });
  }
  return new DeliveryError(status < 500 ? 'RECEIVER_REFUSED' : 'RECEIVER_FAILED', detail, { said });
}
