import { inject } from 'vitest';
import { postgresKind } from '../../subgraphs/kit/sources/postgres.ts';
import { connectTo } from '../kit/postgres-client.ts';
import { startPostgresRelay } from '../kit/postgres-relay.ts';
import { createDatabase } from '../kit/services.ts';
import { contractOf } from './contract.ts';
import { COUNTS, STATIONS } from './stations.ts';

contractOf('tables and views of PostgreSQL', async () => {
  const database = await createDatabase(inject('databaseUrl'));
  const client = await connectTo(database.url);
  await client.query(`
    create table station (id text collate "C" primary key, name text, district varchar(20), lines int, opened date);
    create table counted (station text collate "C", day date, passengers numeric, primary key (station, day));`);
  for (const row of STATIONS) await client.query('insert into station values ($1, $2, $3, $4, $5)', Object.values(row));
  for (const row of COUNTS) await client.query('insert into counted values ($1, $2, $3)', Object.values(row));
  await client.close();
  const relay = await startPostgresRelay(database.url);
  const views = { copied: 'select * from station union all select * from station' };
  const context = { department: 'test', holds: 'stations', remedy: '', folder: '/', nameOf: String };
  const settings = { url: relay.url, schema: 'public', views, timeoutMs: 5_000 };
  return {
    source: await postgresKind.open(settings, { ...context, collections: new Map() }),
    asked: () => relay.statements,
    async remove() {
      await relay.close();
      await database.drop();
    },
  };
});
