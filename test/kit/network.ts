import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { inject } from 'vitest';
import type { Report } from '../../network/events.ts';
import { startNetwork as start } from '../../network/network.ts';
import { subgraphNames, type PartName, type SubgraphName } from '../../network/parts.ts';
import type { NetworkSettings } from '../../network/settings.ts';
import { createDatabase } from './services.ts';

export interface TestNetworkOptions {
  /** How many enterprises the city has. Default 200. */
  enterprises?: number;
  /** Redis for the gateway's cache; absent: in its process. */
  redisUrl?: string;
  /** Added to the environment of every program, for example shorter deadlines. */
  env?: Readonly<Record<string, string>>;
  /** Hears what `npm start` would print. */
  report?: Report;
}

/** A program that takes part: what `kill`, `restart` and `stats` are told. */
export type ProgramName = Exclude<PartName, 'postgres' | 'supergraph' | `${string}-data`>;

/** A whole network of a test's own: what `npm start` brings up, on free ports. */
export interface TestNetwork {
  /** Where the gateway answers GraphQL. */
  gatewayUrl: string;
  /** Where each subgraph answers GraphQL. */
  subgraphUrls: Readonly<Record<SubgraphName, string>>;
  /** Where the departments' own services answer. */
  systemUrls: Readonly<Record<'aviation' | 'tax' | 'social-security', string>>;
  /** The network's own database in the run's PostgreSQL. */
  databaseUrl: string;
  /** Ends a program as a crash would; it stays down. */
  kill(name: ProgramName): Promise<void>;
  /** Starts it again at the same address. */
  restart(name: ProgramName): Promise<void>;
  /** What a subgraph or a service counts about itself. */
  stats(name: Exclude<ProgramName, 'gateway'>): Promise<{ requests: number }>;
  /** Stops everything and removes what it kept. */
  stop(): Promise<void>;
}

/** Brings up a whole network with the code of `npm start`; it takes some seconds, so share one within a file. */
export async function startNetwork(options: TestNetworkOptions = {}): Promise<TestNetwork> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'switchyard-network-'));
  const database = await createDatabase(inject('databaseUrl'));
  const settings: NetworkSettings = {
    dataFolder,
    enterprises: options.enterprises ?? 200,
    databaseUrl: database.url,
    gatewayPort: 0,
    freePorts: true,
    // An empty one: what the user has set is not the test's.
    env: { REDIS_URL: '', ...options.env },
    ...(options.redisUrl !== undefined && { redisUrl: options.redisUrl }),
  };
  const clean = async (): Promise<void> => {
    await database.drop();
    await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    const network = await start(settings, options.report ?? (() => undefined), new AbortController().signal);
    const url = (name: PartName): string => network.program(name).url;
    return {
      gatewayUrl: network.gatewayUrl,
      subgraphUrls: Object.fromEntries(subgraphNames.map((name) => [name, url(name)])) as Record<SubgraphName, string>,
      systemUrls: {
        aviation: url('aviation-system'),
        tax: url('tax-system'),
        'social-security': url('social-security-system'),
      },
      databaseUrl: database.url,
      kill: (name) => network.program(name).kill(),
      restart: (name) => network.program(name).restart(),
      stats: (name) => readStats(url(name)),
      async stop() {
        await network.stop();
        await clean();
      },
    };
  } catch (error) {
    await clean();
    throw error;
  }
}

async function readStats(url: string): Promise<{ requests: number }> {
  const { body } = await request(new URL('/stats', url), { signal: AbortSignal.timeout(5_000) });
  return (await body.json()) as { requests: number };
}
