/** What the tests need from outside: one real PostgreSQL and one real Redis for a whole run, on free ports. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startProgram, type StartedProgram } from '../../network/process.ts';
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
  const started: StartedProgram[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((program) => program.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const starting = [
      startProgram(postgresProgram({ folder: join(folder, 'postgres'), port: 0, logs: folder, durable: false })),
      startRedis(folder),
    ] as const;
    for (const outcome of await Promise.allSettled(starting)) {
      if (outcome.status === 'fulfilled') started.push(outcome.value);
    }
    const [postgres, redis] = await Promise.all(starting);
    project.provide('databaseUrl', postgres.url);
    project.provide('redisUrl', redis.url);
  } catch (error) {
    await stop();
    throw error;
  }
  // Vitest ends on the second Ctrl-C without a teardown; the programs stop by themselves then.
  return stop;
}

/** Starts a Redis of one's own, for tests that stop it or start it again. */
export function startRedis(logs: string, port = 0): Promise<StartedProgram> {
  return startProgram({
    name: 'Redis',
    args: [fileURLToPath(new URL('redis-program.ts', import.meta.url))],
    env: { PORT: String(port) },
    logFile: join(logs, `redis-${randomUUID()}.log`),
    readyWithinMs: 15_000,
    stopWithinMs: 5_000,
  });
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
