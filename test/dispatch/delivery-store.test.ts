import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeliveryStore } from '../../subgraphs/kit/receiver/delivery-store.ts';
import { postgresDeliveries } from '../../subgraphs/kit/receiver/postgres-deliveries.ts';
import { sqliteDeliveries } from '../../subgraphs/kit/receiver/sqlite-deliveries.ts';
import { temporaryFolder } from '../kit/department.ts';
import { connectTo, emptyDatabase } from '../kit/postgres-client.ts';

/** A store with a table `applied` in it. */
interface StoreUnderTest {
  /** A store that is opened anew, with what applies a word to it. */
  open(): { take(key: string, word: string, more?: () => Promise<void>): ReturnType<Taking>; close(): Promise<void> };
  applied(): Promise<unknown[]>;
  close(): Promise<void>;
}
type Taking = DeliveryStore<never>['takeOnce'];

const OPENINGS: Readonly<Record<string, () => Promise<StoreUnderTest>>> = { SQLite: inSqlite, PostgreSQL: inPostgres };

describe.each(Object.keys(OPENINGS))('What is delivered to a department, kept in %s,', (name) => {
  let tested: StoreUnderTest;
  beforeAll(async () => {
    tested = await OPENINGS[name]!();
  });
  afterAll(() => tested.close());

  test('is applied once, also where it comes again after a start, or several times at once', async () => {
    const [one, other] = [tested.open(), tested.open()];
    const known = await one.take('k1', 'once');
    expect(Date.now() - Date.parse(known.takenAt)).toBeLessThan(60_000);
    expect(await other.take('k1', 'twice')).toEqual(known);
    const many = await Promise.all(Array.from({ length: 4 }, () => one.take('k2', 'many')));
    expect(new Set(many.map(({ takenAt }) => takenAt)).size).toBe(1);
    expect(await tested.applied()).toEqual(['many', 'once']);
    await one.close();
    await other.close();
  });

  test('is not remembered where it could not be applied, nor is any of it left', async () => {
    const store = tested.open();
    const fail = (): Promise<never> => Promise.reject(new Error('no room'));
    await expect(store.take('k3', 'half', fail)).rejects.toThrow('no room');
    expect(await tested.applied()).not.toContain('half');
    await store.take('k3', 'whole');
    expect(await tested.applied()).toContain('whole');
    await store.close();
  });
});

async function inSqlite(): Promise<StoreUnderTest> {
  const folder = temporaryFolder();
  const file = folder.file('department.sqlite');
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE applied (word TEXT)');
  return {
    open() {
      const store = sqliteDeliveries(file);
      return {
        take: (key, word, more) =>
          store.takeOnce(delivery(key), async (transaction: DatabaseSync) => {
            transaction.prepare('INSERT INTO applied VALUES (?)').run(word);
            await more?.();
          }),
        close: () => store.close(),
      };
    },
    applied: async () =>
      database
        .prepare('SELECT word FROM applied ORDER BY word')
        .all()
        .map(({ word }) => word),
    close: async () => {
      database.close();
      folder.close();
    },
  };
}

async function inPostgres(): Promise<StoreUnderTest> {
  const empty = await emptyDatabase();
  const client = await connectTo(empty.url);
  await client.query('CREATE TABLE applied (word text)');
  return {
    open() {
      const store = postgresDeliveries(empty.url);
      return {
        take: (key, word, more) =>
          store.takeOnce(delivery(key), async (transaction) => {
            await transaction.query('INSERT INTO applied VALUES ($1)', [word]);
            await more?.();
          }),
        close: () => store.close(),
      };
    },
    applied: async () =>
      (await client.query<{ word: string }>('SELECT word FROM applied ORDER BY word')).rows.map(({ word }) => word),
    close: async () => {
      await client.close();
      await empty.close();
    },
  };
}

function delivery(idempotencyKey: string) {
  return { idempotencyKey, digest: 'd', rows: 1 };
}
