import { Pool } from 'undici';
import { GatewayFault } from '../errors.ts';
import { requestBody, type Fetcher, type SubgraphAnswer, type SubgraphRequest } from '../execute/fetcher.ts';

/** How one subgraph is asked. */
export interface SubgraphTransport {
  url: string;
  /** How long one request may take. */
  timeoutMs: number;
  maxConnections: number;
  maxResponseBytes: number;
}

/** A fetcher over HTTP, with one pool of connections for each subgraph. */
export interface HttpFetcher {
  fetch: Fetcher;
  /** Lets requests under way finish, then closes every connection. */
  close(): Promise<void>;
}

interface Service {
  pool: Pool;
  path: string;
  transport: SubgraphTransport;
}

/** Makes a fetcher for the subgraphs of one supergraph. No connection is made before it is needed. */
export function createHttpFetcher(transports: ReadonlyMap<string, SubgraphTransport>): HttpFetcher {
  const services = new Map([...transports].map(([name, transport]) => [name, openService(transport)]));
  return {
    async fetch(request, signal) {
      const service = services.get(request.template.service);
      if (!service)
        throw new GatewayFault(
          'SUBREQUEST_HTTP_ERROR',
          `Subgraph ${request.template.service} is not in the supergraph.`,
        );
      return fetchFrom(service, request, signal);
    },
    async close() {
      await Promise.all([...services.values()].map(({ pool }) => pool.close()));
    },
  };
}

function openService(transport: SubgraphTransport): Service {
  const url = new URL(transport.url);
  const pool = new Pool(url.origin, {
    connections: transport.maxConnections,
    connect: { timeout: transport.timeoutMs },
    // The timer of fetchFrom ends a request on time; these end what is left if it ever does not.
    headersTimeout: transport.timeoutMs * 2,
    bodyTimeout: transport.timeoutMs * 2,
  });
  return { pool, path: url.pathname + url.search, transport };
}

async function fetchFrom(
  { pool, path, transport }: Service,
  request: SubgraphRequest,
  signal: AbortSignal,
): Promise<SubgraphAnswer> {
  const { service } = request.template;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), transport.timeoutMs);
  const onAbort = (): void => timeout.abort();
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) timeout.abort();
  try {
    const response = await pool.request({
      path,
      method: 'POST',
      headers: REQUEST_HEADERS,
      body: requestBody(request),
      signal: timeout.signal,
    });
    return { httpStatus: response.statusCode, body: await readBody(response.body, transport.maxResponseBytes, service) };
  } catch (error) {
    if (error instanceof GatewayFault) throw error;
    if (timeout.signal.aborted)
      throw new GatewayFault('SUBREQUEST_TIMEOUT', `Subgraph ${service} took over ${transport.timeoutMs} ms.`, {
        cause: error,
      });
    throw new GatewayFault('SUBREQUEST_HTTP_ERROR', `Subgraph ${service} at ${transport.url}: ${String(error)}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

const REQUEST_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/graphql-response+json, application/json',
};

async function readBody(body: AsyncIterable<Buffer>, maxBytes: number, service: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop destroys the stream, and with it the connection.
    if (size > maxBytes)
      throw new GatewayFault('SUBREQUEST_TOO_LARGE', `Subgraph ${service} answered more than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
