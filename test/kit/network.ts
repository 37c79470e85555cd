import { request } from 'undici';
import { inject } from 'vitest';
import type { ConfigInput } from '../../gateway/config/config.ts';
import type { DemoHeaders } from '../../network/demo-issuer.ts';
import type { Report } from '../../network/events.ts';
import { startNetwork as start } from '../../network/network.ts';
import { subgraphNames, type PartName, type SubgraphName } from '../../network/parts.ts';
import type { StartedProgram } from '../../network/process.ts';
import type { NetworkSettings } from '../../network/settings.ts';
import { makeFolder } from './folder.ts';
import { startGatewayProgram } from './gateway-program.ts';
import { createDatabase } from './services.ts';

export interface TestNetworkOptions {
  /** How many enterprises the city has. Default 200. */
  enterprises?: number;
  /** Redis for the gateway's cache; absent: in its process. */
  redisUrl?: string;
  /** Redis for customs' messages, of this network alone; absent: customs is not started. */
  streamsUrl?: string;
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
  /** Where everything lies that the network keeps. */
  dataFolder: string;
  /** What to send to the gateway to ask as somebody; without, nobody in particular asks. */
  headers: DemoHeaders;
  /** Where each subgraph answers GraphQL. */
  subgraphUrls: Readonly<Record<SubgraphName, string>>;
  /** Where the departments' own services answer. */
  systemUrls: Readonly<Record<'aviation' | 'tax' | 'social-security' | 'credit-registry', string>>;
  /** The network's own database in the run's PostgreSQL. */
  databaseUrl: string;
  /** Ends a program as a crash would; it stays down. */
  kill(name: ProgramName): Promise<void>;
  /** Starts it again at the same address. */
  restart(name: ProgramName): Promise<void>;
  /** Lets it hang: it takes connections and says nothing, until `resume`. */
  pause(name: ProgramName): void;
  resume(name: ProgramName): void;
  /** Starts one more gateway before the same subgraphs; gives the address where it answers GraphQL. */
  addGateway(config: ConfigInput, env?: Readonly<Record<string, string>>): Promise<string>;
  /** What a subgraph or a service counts about itself. */
  stats(name: Exclude<ProgramName, 'gateway'>): Promise<{ requests: number }>;
  /** How many requests each subgraph gets while something is done; those that get none are left out. */
  requestsDuring(act: () => Promise<unknown>): Promise<Partial<Record<SubgraphName, number>>>;
  /** Stops everything and removes what it kept. */
  stop(): Promise<void>;
}

/**
 * Brings up a whole network with the code of `npm start`. It takes half a minute of a processor, so share one, as the suites
 * of `test/live/city.test.ts` do.
 */
export async function startNetwork(options: TestNetworkOptions = {}): Promise<TestNetwork> {
  const folder = await makeFolder('switchyard-network-');
  const database = await createDatabase(inject('databaseUrl'));
  const settings: NetworkSettings = {
    dataFolder: folder.path,
    enterprises: options.enterprises ?? 200,
    databaseUrl: database.url,
    gatewayPort: 0,
    all: false,
    freePorts: true,
    // An empty one: what the user has set is not the test's.
    env: { REDIS_URL: '', ...options.env },
    ...(options.redisUrl !== undefined && { redisUrl: options.redisUrl }),
    ...(options.streamsUrl !== undefined && { streamsUrl: options.streamsUrl }),
  };
  const clean = async (): Promise<void> => {
    await database.drop();
    await folder.remove();
  };
  try {
    const network = await start(settings, options.report ?? (() => undefined), new AbortController().signal);
    const url = (name: PartName): string => network.program(name).url;
    const subgraphs = Object.fromEntries(subgraphNames.map((name) => [name, { routingUrl: url(name) }]));
    const gateways: StartedProgram[] = [];
    return {
      gatewayUrl: network.gatewayUrl,
      dataFolder: folder.path,
      headers: network.headers,
      subgraphUrls: Object.fromEntries(subgraphNames.map((name) => [name, url(name)])) as Record<SubgraphName, string>,
      systemUrls: {
        aviation: url('aviation-system'),
        tax: url('tax-system'),
        'social-security': url('social-security-system'),
        'credit-registry': url('credit-registry-system'),
      },
      databaseUrl: database.url,
      kill: (name) => network.program(name).kill(),
      restart: (name) => network.program(name).restart(),
      pause: (name) => void process.kill(network.program(name).pid(), 'SIGSTOP'),
      resume: (name) => void process.kill(network.program(name).pid(), 'SIGCONT'),
      async addGateway(config, env) {
        const gateway = await startGatewayProgram(folder.path, { ...config, subgraphs }, env);
        gateways.push(gateway);
        return gateway.url;
      },
      stats: (name) => readStats(url(name)),
      async requestsDuring(act) {
        const before = await countRequests(url);
        await act();
        const after = await countRequests(url);
        const more = subgraphNames.map((name, index) => [name, after[index]! - before[index]!] as const);
        return Object.fromEntries(more.filter(([, requests]) => requests > 0));
      },
      async stop() {
        await Promise.all(gateways.map((gateway) => gateway.stop()));
        await network.stop();
        await clean();
      },
    };
  } catch (error) {
    await clean();
    throw error;
  }
}

function countRequests(urlOf: (name: PartName) => string): Promise<number[]> {
  return Promise.all(subgraphNames.map(async (name) => (await readStats(urlOf(name))).requests));
}

async function readStats(url: string): Promise<{ requests: number }> {
  const { body } = await request(new URL('/stats', url), { signal: AbortSignal.timeout(5_000) });
  return (await body.json()) as { requests: number };
}
