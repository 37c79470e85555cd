import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { vi } from 'vitest';
import type { StartedProgram } from '../../network/process.ts';
import { startRedis } from './services.ts';

/** A Redis Cluster of three masters. */
export interface TestCluster {
  /** Of each node. */
  urls: readonly string[];
  stop(): Promise<void>;
}

const SLOTS = 16_384;
const MASTERS = 3;

/** Starts three masters and has them share the slots. @param folder where they keep what they know of each other */
export async function startRedisCluster(folder: string): Promise<TestCluster> {
  const nodes = await Promise.all(Array.from({ length: MASTERS }, (_, index) => startNode(folder, index)));
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  const clients = nodes.map(({ url }) => new Redis(url));
  try {
    await joinNodes(clients);
    await vi.waitFor(
      async () => {
        const states = await Promise.all(clients.map((client) => client.cluster('INFO')));
        if (
          !states.every(
            (state) => state.includes('cluster_state:ok') && state.includes(`cluster_known_nodes:${MASTERS}`),
          )
        )
          throw new Error(states.join('\n'));
      },
      { timeout: 15_000 },
    );
  } catch (error) {
    await stop();
    throw error;
  } finally {
    for (const client of clients) client.disconnect();
  }
  return { urls: nodes.map(({ url }) => url), stop };
}

async function startNode(folder: string, index: number): Promise<StartedProgram> {
  const own = join(folder, `node-${index}`);
  await mkdir(own);
  return startRedis(folder, 0, { REDIS_FOLDER: own });
}

async function joinNodes(clients: readonly Redis[]): Promise<void> {
  const each = Math.ceil(SLOTS / clients.length);
  for (const [index, client] of clients.entries())
    await client.call('CLUSTER', 'ADDSLOTSRANGE', index * each, Math.min((index + 1) * each, SLOTS) - 1);
  const [first, ...others] = clients;
  for (const other of others) {
    const [, busPort] = await other.config('GET', 'cluster-port');
    await first!.call('CLUSTER', 'MEET', '127.0.0.1', other.options.port!, Number(busPort));
  }
}
