/** What the tests need from outside: one real PostgreSQL and one real Redis for a whole run, on free ports. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startProgram, type StartedProgram } from '../../network/process.ts';
import { postgresProgram } from '../../network/postgres-program.ts';
import { makeFolder } from './folder.ts';

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
  const folder = await makeFolder('switchyard-services-');
  const starting = [startPostgres(folder.path), startRedis(folder.path)] as const;
  const stop = async (): Promise<void> => {
    const outcomes = await Promise.allSettled(starting);
    await Promise.all(outcomes.map(stopStarted));
    await folder.remove();
  };
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
 * @param port 0 takes any free one
 * @param env see `redis-program.ts`
 */
export function startRedis(
  logs: string,
  port = 0,
  env: Readonly<Record<string, string>> = {},
): Promise<StartedProgram> {
  return startProgram({
    name: 'Redis',
    args: [fileURLToPath(new URL('redis-program.ts', import.meta.url))],
    env: { PORT: String(port), ...env },
    logFile: join(logs, `redis-${randomUUID()}.log`),
    readyWithinMs: 15_000,
    stopWithinMs: 5_000,
  });
}

async function startPostgres(folder: string): Promise<StartedProgram> {
  return startProgram(postgresProgram({ folder: join(folder, 'postgres'), port: 0, logs: folder, durable: false }));
}

async function stopStarted(outcome: PromiseSettledResult<StartedProgram>): Promise<void> {
  if (outcome.status === 'fulfilled') await outcome.value.stop();
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
