import { request } from 'undici';

/** How long a subgraph has to answer with its SDL. */
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 16_777_216;

/**
 * A subgraph's schema as it gives it itself: `_service { sdl }`.
 * @see https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec
 * @throws Error with why it does not
 */
export async function introspect(url: string): Promise<string> {
  const response = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = parse(await readBounded(response.body));
  const sdl = answer.data?._service?.sdl;
  if (typeof sdl !== 'string') throw new Error(`its answer (status ${response.statusCode}) has no _service.sdl`);
  return sdl;
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`its answer has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): { data?: { _service?: { sdl?: unknown } } | null } {
  try {
    return (JSON.parse(text) as { data?: { _service?: { sdl?: unknown } } } | null) ?? {};
  } catch {
    throw new Error('its answer is not JSON');
  }
}
