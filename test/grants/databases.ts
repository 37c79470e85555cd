import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSqlStore } from '../../gateway/grants/sql-store.ts';
import type { GrantStore } from '../../gateway/grants/store.ts';
import { openDatabase } from '../../gateway/sql/open-database.ts';
import { emptyDatabase } from '../kit/postgres-client.ts';

const OPTIONS = { timeoutMs: 5_000, applicationName: 'switchyard grants', isDurable: false };

/** Opens any number of stores at one place, as several gateways do. */
export interface GrantsPlace {
  open(): Promise<GrantStore>;
  /** Removes the place, once its stores are closed. */
  close(): Promise<void>;
}

/** Every database must pass the same tests. */
export const DATABASES: [string, () => Promise<GrantsPlace>][] = [
  ['SQLite', sqlitePlace],
  ['PostgreSQL', postgresPlace],
];

export async function sqlitePlace(): Promise<GrantsPlace> {
  const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-grants-'));
  const file = path.join(folder, 'grants.db');
  return {
    open: () => openDatabase(file, OPTIONS).then(openSqlStore),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function postgresPlace(): Promise<GrantsPlace> {
  const database = await emptyDatabase();
  return { open: () => openDatabase(database.url, OPTIONS).then(openSqlStore), close: database.close };
}
