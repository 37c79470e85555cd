import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers one HTTP request. */
export type AnswerHttp = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Where the gateway must have sent a request, with what the request has behind the path. */
export function sentUrl(request: IncomingMessage, { origin, pathname }: URL): string {
  const target = request.url ?? '';
  const query = target.indexOf('?');
  return `${origin}${pathname}${query < 0 ? '' : target.slice(query)}`;
}

/** Reads a request whole; undefined where it has more bytes. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Answers with an error, unless an answer has begun. */
export function writeError(response: ServerResponse, status: number, code: string, message: string): void {
  if (response.headersSent) return;
  // A request that was not read to its end leaves its connection of no use.
  const headers = { 'content-type': 'application/json; charset=utf-8', ...(status === 413 && { connection: 'close' }) };
  response.writeHead(status, headers).end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
