import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Pool } from 'undici';
import { table } from '../gateway/cli/table.ts';
import { startNetwork, type Network } from '../network/network.ts';
import { subgraphNames } from '../network/parts.ts';
import { projectRoot } from '../network/settings.ts';
import { freePort, startNode, waitUntilAnswering, type Child } from './child.ts';
import type { OnProgress } from './compare.ts';
import { PACKAGED_CACHE_SETTINGS, PACKAGED_PROGRAM, PACKAGED_SETTINGS } from './contestants/package.ts';
import { cpuMs } from './machine.ts';
import { digits } from './report.ts';
import { median } from './statistics.ts';

/** Saved operations that are asked of the running network. */
const OPERATIONS = ['place-360', 'enterprise-360'] as const;
const CONNECTIONS = 10;

/** What an operation costs, asked again and again, medians over the rounds. */
export interface CityRow {
  operation: string;
  /** With nothing remembered, in milliseconds of the gateway's CPU. */
  coldCpuMs: number;
  /** With everything remembered. */
  warmCpuMs: number;
  coldSubgraphRequests: number;
  warmSubgraphRequests: number;
}

interface Sample {
  cpuMs: number;
  subgraphRequests: number;
}

/** A gateway before the network's departments. */
interface Gateway {
  child: Child;
  url: string;
}

/**
 * Brings up the network of `npm start` and, before its departments, a gateway that remembers nothing and one that remembers.
 * @throws Error where an answer has errors
 */
export async function measureCity(
  { rounds, seconds }: { rounds: number; seconds: number },
  onProgress: OnProgress,
): Promise<CityRow[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-city-'));
  const gateways: Gateway[] = [];
  let network: Network | undefined;
  try {
    onProgress('starting the network');
    network = await startNetwork(
      {
        dataFolder: folder,
        enterprises: 500,
        gatewayPort: 0,
        all: false,
        freePorts: true,
        // Its system allows too few requests a second for a benchmark.
        env: { REDIS_URL: '', SOCIAL_SECURITY_RATE: '100000' },
      },
      () => undefined,
      new AbortController().signal,
    );
    for (const settings of [PACKAGED_SETTINGS, PACKAGED_CACHE_SETTINGS])
      gateways.push(await startGateway(network, settings));
    const [cold, warm] = gateways;
    const rows: CityRow[] = [];
    for (const operation of OPERATIONS) {
      const turns: { cold: Sample[]; warm: Sample[] } = { cold: [], warm: [] };
      for (let round = 0; round <= rounds; round += 1) {
        onProgress(`${operation}: ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}`);
        const samples = {
          cold: await takeTurn(network, cold!, operation, seconds),
          warm: await takeTurn(network, warm!, operation, seconds),
        };
        if (round === 0) continue;
        turns.cold.push(samples.cold);
        turns.warm.push(samples.warm);
      }
      rows.push(toRow(operation, turns));
    }
    return rows;
  } finally {
    await Promise.all(gateways.map(({ child }) => child.stop()));
    await network?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The rows as a table. */
export function printCity(rows: readonly CityRow[]): string {
  const head = ['operation', 'cold CPU ms', 'warm CPU ms', 'cold ÷ warm', 'cold subgraph req.', 'warm subgraph req.'];
  const lines = rows.map(({ operation, coldCpuMs, warmCpuMs, coldSubgraphRequests, warmSubgraphRequests }) => [
    operation,
    ...[coldCpuMs, warmCpuMs, coldCpuMs / warmCpuMs, coldSubgraphRequests, warmSubgraphRequests].map(digits),
  ]);
  return table([head, ...lines], new Set([1, 2, 3, 4, 5])).join('\n');
}

function toRow(operation: string, { cold, warm }: { cold: Sample[]; warm: Sample[] }): CityRow {
  const of = (samples: readonly Sample[], pick: (sample: Sample) => number): number => median(samples.map(pick));
  return {
    operation,
    coldCpuMs: of(cold, (sample) => sample.cpuMs),
    warmCpuMs: of(warm, (sample) => sample.cpuMs),
    coldSubgraphRequests: of(cold, (sample) => sample.subgraphRequests),
    warmSubgraphRequests: of(warm, (sample) => sample.subgraphRequests),
  };
}

async function startGateway(network: Network, settings: string): Promise<Gateway> {
  const port = await freePort();
  const supergraph = path.join(projectRoot, 'schema/supergraph.graphql');
  const urls = Object.fromEntries(subgraphNames.map((name) => [name, network.program(name).url]));
  const child = startNode(
    'gateway',
    [PACKAGED_PROGRAM, 'serve', '--supergraph', supergraph, '--port', String(port), '--config', settings],
    { SWITCHYARD_SUBGRAPH_URLS: JSON.stringify(urls) },
  );
  const url = `http://127.0.0.1:${port}/graphql`;
  await waitUntilAnswering(child, url, '{"query":"{ __typename }"}');
  return { child, url };
}

async function takeTurn(
  network: Network,
  { child, url }: Gateway,
  operation: string,
  seconds: number,
): Promise<Sample> {
  const query = await readFile(path.join(projectRoot, `schema/operations/${operation}.graphql`), 'utf8');
  const body = JSON.stringify({ query });
  await ask(new URL(url), body, 1, 0);
  const [cpuBefore, countBefore] = [cpuMs(child.pid), await countRequests(network)];
  const requests = await ask(new URL(url), body, CONNECTIONS, seconds * 1_000);
  return {
    cpuMs: (cpuMs(child.pid) - cpuBefore) / requests,
    subgraphRequests: ((await countRequests(network)) - countBefore) / requests,
  };
}

/** Asks for so long, at least once on each connection; gives how often. @throws Error where an answer has errors */
async function ask(url: URL, body: string, connections: number, forMs: number): Promise<number> {
  const pool = new Pool(url.origin, { connections });
  const endsAtMs = performance.now() + forMs;
  let requests = 0;
  const lane = async (): Promise<void> => {
    do {
      const answer = await pool.request({
        path: url.pathname,
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body,
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200 || text.startsWith('{"errors"'))
        throw new Error(`It answers with errors: ${text.slice(0, 500)}`);
      requests += 1;
    } while (performance.now() < endsAtMs);
  };
  try {
    await Promise.all(Array.from({ length: connections }, lane));
  } finally {
    await pool.destroy();
  }
  return requests;
}

/** Requests that the departments have had. */
async function countRequests(network: Network): Promise<number> {
  const counts = await Promise.all(
    subgraphNames.map(async (name) => {
      const stats = await fetch(new URL('/stats', network.program(name).url));
      return ((await stats.json()) as { requests: number }).requests;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
