import { readKeySet, type KeySet } from './key-set.ts';

export interface FetchKeySetOptions {
  url: string;
  /** How long it may take in all. */
  timeoutMs: number;
  maxBytes: number;
  /** Ends it before that. */
  signal: AbortSignal;
}

/**
 * Fetches the keys of an issuer. Redirects are not followed: they could lead to where nobody is sure of the answer.
 * @throws Error where there is no key set to be had
 */
export async function fetchKeySet({ url, timeoutMs, maxBytes, signal }: FetchKeySetOptions): Promise<KeySet> {
  const response = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}.`);
  }
  return readKeySet(JSON.parse(await readBounded(response, maxBytes)));
}

async function readBounded(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    // Leaving the loop ends the connection.
    if (length > maxBytes) throw new Error(`${response.url} answered more than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
