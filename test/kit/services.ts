/** What the tests need from outside: one real PostgreSQL and one real Redis for a whole run, on free ports. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startProgram, type ProgramSpec, type StartedProgram } from '../../network/process.ts';
import { postgresProgram } from '../../network/postgres-program.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's address of the run's PostgreSQL; a test file makes its own database with {@link createDatabase}. */
    databaseUrl: string;
    /** The run's Redis, which keeps nothing. A test uses keys of its own. */
    redisUrl: string;
  }
}

/** A database of a test's own. */
export interface TestDatabase {
  url: string;
  /** Ends its connections and removes it. */
  drop(): Promise<void>;
}

/** Starts both, hands their addresses to `inject`, and stops both when the run is over. */
export default async function startServices(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-services-'));
  const cancel = new AbortController();
  const starting = [startPostgres(folder, cancel.signal), startRedis(folder, { signal: cancel.signal })] as const;
  const stop = async (): Promise<void> => {
    cancel.abort();
    const outcomes = await Promise.allSettled(starting);
    await Promise.all(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.stop() : undefined)));
    await rm(folder, { recursive: true, force: true });
  };
  // A signal would end Vitest without a teardown.
  const stopAndExit = (): void => void stop().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stopAndExit);
  try {
    const [postgres, redis] = await Promise.all(starting);
    project.provide('databaseUrl', postgres.url);
    project.provide('redisUrl', redis.url);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/**
 * Starts a Redis of a test's own, to stop it or start it again.
 *
 * @param logs the folder its output goes to
 * @param options `port` default: any free one; `signal` stops it while it is starting
 */
export function startRedis(
  logs: string,
  { port = 0, signal }: { port?: number; signal?: AbortSignal } = {},
): Promise<StartedProgram> {
  const spec: ProgramSpec = {
    name: 'Redis',
    args: [fileURLToPath(new URL('redis-program.ts', import.meta.url))],
    env: { PORT: String(port) },
    logFile: join(logs, `redis-${randomUUID()}.log`),
    readyWithinMs: 15_000,
    stopWithinMs: 5_000,
  };
  return startProgram(spec, signal);
}

async function startPostgres(folder: string, signal: AbortSignal): Promise<StartedProgram> {
  const spec = postgresProgram({ folder: join(folder, 'postgres'), port: 0, logs: folder, durable: false });
  return startProgram(spec, signal);
}

/**
 * Makes an empty database on the run's server.
 *
 * @param databaseUrl what `inject('databaseUrl')` gives
 */
export async function createDatabase(databaseUrl: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runStatement(databaseUrl, `CREATE DATABASE ${name}`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => runStatement(databaseUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function runStatement(databaseUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
