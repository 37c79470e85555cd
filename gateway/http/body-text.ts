import type { IncomingMessage } from 'node:http';

const JSON_TYPE = /^application\/json[\t ]*(?:;|$)/i;

/** Whether a body is JSON by its media type. */
export function isJsonType(contentType: string | undefined): boolean {
  return contentType !== undefined && JSON_TYPE.test(contentType);
}

/**
 * Reads the body of a request as UTF-8; what is none becomes U+FFFD. Never rejects.
 * @returns `too large` once it is known to be over the bound, `gone` where the client goes before its end
 */
export function readBodyText(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ text: string } | 'too large' | 'gone'> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve('too large');
  return new Promise((resolve) => {
    let first: Buffer | undefined;
    let others: Buffer[] | undefined;
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) return resolve('too large');
      if (!first) first = chunk;
      else (others ??= [first]).push(chunk);
    });
    request.on('end', () => resolve({ text: (others ? Buffer.concat(others) : first)?.toString() ?? '' }));
    request.on('error', () => resolve('gone'));
    request.on('close', () => resolve('gone'));
  });
}
