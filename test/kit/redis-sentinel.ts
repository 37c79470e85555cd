import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { vi } from 'vitest';
import type { StartedProgram } from '../../network/process.ts';
import { startRedis } from './services.ts';

/** A Redis with a replica, and a sentinel that looks after both. */
export interface TestSentinel {
  /** What the sentinel calls the master. */
  master: string;
  /** Of the sentinel. */
  url: string;
  /** Kills the master, once the replica has what the master has; the sentinel promotes the replica soon. */
  killMaster(): Promise<void>;
  stop(): Promise<void>;
}

const MASTER = 'main';
/** Until it is to happen, no pause of a busy machine is taken for the master's death. */
const NEVER_DOWN_AFTER_MS = 600_000;
const DOWN_AFTER_MS = 300;
const PATIENCE = { timeout: 30_000, interval: 20 };

/** Starts the three. @param folder where the sentinel keeps what it knows */
export async function startRedisSentinel(folder: string): Promise<TestSentinel> {
  const started: StartedProgram[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((program) => program.stop()));
  };
  const start = async (env: Readonly<Record<string, string>> = {}): Promise<StartedProgram> => {
    const program = await startRedis(folder, 0, env);
    started.push(program);
    return program;
  };
  try {
    const master = await start();
    const { port } = new URL(master.url);
    const replica = await start({ REDIS_REPLICA_OF: port });
    await withClient(replica, (client) => infoHas(client, 'master_link_status:up'));
    const file = join(folder, 'sentinel.conf');
    await writeFile(file, settings(port, folder));
    const sentinel = await start({ REDIS_SENTINEL: file });
    await withClient(sentinel, (client) => infoHas(client, 'slaves=1'));
    const killMaster = async (): Promise<void> => {
      // Waiting is for what the client itself wrote, and what was written before.
      await withClient(master, async (client) => {
        await client.set('written last', '');
        await client.wait(1, PATIENCE.timeout);
      });
      await withClient(sentinel, (client) =>
        client.call('SENTINEL', 'SET', MASTER, 'down-after-milliseconds', DOWN_AFTER_MS),
      );
      await master.kill();
    };
    return { master: MASTER, url: sentinel.url, killMaster, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function settings(masterPort: string, folder: string): string {
  return [
    `dir ${folder}`,
    `sentinel monitor ${MASTER} 127.0.0.1 ${masterPort} 1`,
    `sentinel down-after-milliseconds ${MASTER} ${NEVER_DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${MASTER} 5000`,
    '',
  ].join('\n');
}

async function withClient({ url }: StartedProgram, use: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(url);
  try {
    await use(client);
  } finally {
    client.disconnect();
  }
}

function infoHas(client: Redis, line: string): Promise<boolean> {
  return vi.waitUntil(async () => (await client.info()).includes(line), PATIENCE);
}
