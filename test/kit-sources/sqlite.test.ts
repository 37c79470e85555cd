import { DatabaseSync, StatementSync } from 'node:sqlite';
import { vi } from 'vitest';
import { sqliteSource } from '../../subgraphs/kit/sources/sqlite-database.ts';
import { contractOf } from './contract.ts';
import { COUNTS, STATIONS } from './stations.ts';

contractOf('tables and views of SQLite', async () => {
  const database = new DatabaseSync(':memory:');
  database.exec(`
    CREATE TABLE station (id TEXT PRIMARY KEY, name TEXT, district TEXT, lines INTEGER, opened TEXT);
    CREATE TABLE counted (station TEXT, day TEXT, passengers, PRIMARY KEY (station, day));`);
  const station = database.prepare('INSERT INTO station VALUES (?, ?, ?, ?, ?)');
  for (const row of STATIONS) station.run(...(Object.values(row) as string[]));
  const counted = database.prepare('INSERT INTO counted VALUES (?, ?, ?)');
  for (const row of COUNTS) counted.run(...(Object.values(row) as string[]));
  const views = { copied: 'SELECT * FROM station UNION ALL SELECT * FROM station' };
  const statements = vi.spyOn(StatementSync.prototype, 'all');
  return {
    source: sqliteSource({ database, file: ':memory:', holds: 'stations', views }),
    asked: () => statements.mock.calls.length,
    remove: () => statements.mockRestore(),
  };
});
