import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { createDatabase } from '../kit/services.ts';

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

test('two databases of the run know nothing of each other, and are gone once dropped', async () => {
  const first = await createDatabase(inject('databaseUrl'));
  const second = await createDatabase(inject('databaseUrl'));
  await query(first.url, 'CREATE TABLE mine (id int)');
  await expect(query(second.url, 'SELECT * FROM mine')).rejects.toThrow('relation "mine" does not exist');
  await first.drop();
  await second.drop();
  const left = await query<{ datname: string }>(inject('databaseUrl'), 'SELECT datname FROM pg_database');
  const names = left.map((row) => `/${row.datname}`);
  expect(names).not.toContain(new URL(first.url).pathname);
  expect(names).not.toContain(new URL(second.url).pathname);
});

test('the Redis of the run is a real one that keeps nothing on disk', async () => {
  const redis = new Redis(inject('redisUrl'));
  expect(await redis.config('GET', 'save')).toEqual(['save', '']);
  expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'no']);
  await redis.quit();
});
