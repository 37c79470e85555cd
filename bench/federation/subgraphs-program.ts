/** The subgraphs of one workload, each a server of its own, in this process: `subgraphs-program.ts WORKLOAD`, with an IPC channel. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { findWorkload } from '../workloads/catalogue.ts';
import type { BenchSubgraph, Values } from '../workloads/workload.ts';
import { createAnswerer } from './answer.ts';

/** What this program tells its parent: the subgraphs' URLs by name once, then the requests counted, when asked. */
export type SubgraphsMessage = { urls: Record<string, string> } | { requests: number };

let requests = 0;

function serve(subgraph: BenchSubgraph): Server {
  const answer = createAnswerer(subgraph);
  let served = 0;
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    const delayMs = subgraph.delayMs?.(served) ?? 0;
    served += 1;
    let text: string;
    try {
      const { query, variables } = JSON.parse(await read(request)) as { query: string; variables?: Values };
      text = answer(query, variables ?? {});
    } catch (error) {
      text = JSON.stringify({ errors: [{ message: `${subgraph.name}: ${(error as Error).message}` }] });
    }
    if (delayMs > 0) await wait(delayMs);
    const length = Buffer.byteLength(text);
    const head = { 'content-type': 'application/json', 'content-length': length, ...cacheControlFor(request) };
    response.writeHead(200, head).end(text);
  };
  const server = createServer((request, response) => void respond(request, response));
  // A contestant is idle while the others have their turn: its connections are to be there when it goes on.
  server.keepAliveTimeout = 3_600_000;
  return server;
}

/** Who asks with `?maxAge=60` is allowed to remember the answer for so many seconds. */
function cacheControlFor({ url }: IncomingMessage): { 'cache-control'?: string } {
  const [, maxAge] = /\?maxAge=(\d+)$/.exec(url ?? '') ?? [];
  return maxAge === undefined ? {} : { 'cache-control': `public, max-age=${maxAge}` };
}

function read(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
    request.on('error', reject);
  });
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

function tell(message: SubgraphsMessage): void {
  process.send!(message);
}

const { subgraphs } = await findWorkload(process.argv[2] ?? '');
const urls = await Promise.all(
  subgraphs.map(async (subgraph) => [subgraph.name, await listen(serve(subgraph))] as const),
);
process.on('disconnect', () => process.exit(0));
process.on('message', () => tell({ requests }));
tell({ urls: Object.fromEntries(urls) });
