import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { StartError } from '../subgraphs/kit/program.ts';
import { cityMonths, citySeed, projectRoot, type NetworkSettings } from './settings.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 10_000;

/**
 * Stands for all that the data is made from: the programs that make it, the packages it comes from, the city's
 * settings. Where it is the same, the data is.
 */
export function fingerprintData({
  enterprises,
  seed = citySeed,
}: Pick<NetworkSettings, 'enterprises' | 'seed'>): string {
  const hash = createHash('sha256').update(JSON.stringify({ seed, cityMonths, enterprises }));
  const sources = [...globSync('systems/**/*.ts', { cwd: projectRoot }), 'package-lock.json'].sort();
  for (const source of sources) hash.update(source).update(readFileSync(join(projectRoot, source)));
  return hash.digest('hex').slice(0, 32);
}

/** Notes in the database what its data was made from. */
export async function markDatabase(databaseUrl: string, fingerprint: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query('create schema if not exists switchyard');
    await client.query('create table if not exists switchyard.made_from (fingerprint text not null)');
    await client.query('delete from switchyard.made_from');
    await client.query('insert into switchyard.made_from values ($1)', [fingerprint]);
  });
}

/**
 * What the database's data was made from; absent where nothing is known.
 * @throws StartError when the server does not let us in
 */
export async function readDatabaseMark(databaseUrl: string): Promise<string | undefined> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ made: boolean }>(
      `select to_regclass('switchyard.made_from') is not null as made`,
    );
    if (!rows[0]?.made) return undefined;
    const { rows: marks } = await client.query<{ fingerprint: string }>('select fingerprint from switchyard.made_from');
    return marks[0]?.fingerprint;
  });
}

async function withClient<T>(databaseUrl: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  try {
    await client.connect();
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    throw new StartError(`PostgreSQL does not let us in (${message || code}); check DATABASE_URL`);
  }
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
