import { randomUUID } from 'node:crypto';
import { StatementSync } from 'node:sqlite';
import { Redis } from 'ioredis';
import { expect, inject, test, vi } from 'vitest';
import { plainNumber } from '../../subgraphs/kit/manifest/conversions.ts';
import { textOf, type RecordSource, type SourceRow } from '../../subgraphs/kit/record-source.ts';
import type { CollectionUse } from '../../subgraphs/kit/source-kind.ts';
import { redisStreamsKind } from '../../subgraphs/kit/sources/redis-streams.ts';
import { closingAfterEach, freePort, temporaryFolder } from '../kit/department.ts';
import { startRedis } from '../kit/services.ts';
import { contractOf } from './contract.ts';
import { COUNTS, STATIONS } from './stations.ts';

const closing = closingAfterEach();
const inTime = { signal: new AbortController().signal };
/** A message comes. */
const SOON = { timeout: 10_000, interval: 50 };

contractOf('streams of Redis', async () => {
  const redis = new Redis(inject('redisUrl'));
  const names = { station: `s-${randomUUID()}`, counted: `n-${randomUUID()}`, copied: `c-${randomUUID()}` };
  await write(redis, names.station, STATIONS);
  await write(redis, names.counted, COUNTS);
  await write(redis, names.copied, [...STATIONS, ...STATIONS]);
  const station = { id: undefined, name: undefined, district: undefined, lines: plainNumber, opened: undefined };
  const counted = { station: undefined, day: undefined, passengers: plainNumber };
  const source = await open(inject('redisUrl'), {
    [names.station]: use(station, [['id']]),
    [names.counted]: use(counted, [['station', 'day']]),
    [names.copied]: use(station, []),
  });
  const statements = vi.spyOn(StatementSync.prototype, 'all');
  return {
    source,
    names,
    asked: () => statements.mock.calls.length,
    async remove() {
      statements.mockRestore();
      await redis.del(...Object.values(names));
      redis.disconnect();
    },
  };
});

const BY_ID = { id: undefined, name: undefined, size: plainNumber };

test('of messages with one key the last one counts, and those that come later are read at once', async () => {
  const { stream, redis, url } = await newStream();
  await write(redis, stream, [
    { id: '1', name: 'one', size: 1 },
    { id: '2', name: 'two', size: null },
    { id: '1', name: 'uno', size: 2.5 },
  ]);
  const source = closing(await open(url, { [stream]: use(BY_ID, [['id']]) }));
  expect(await rowsOf(source, stream)).toEqual([
    { id: '1', name: 'uno', size: 2.5 },
    { id: '2', name: 'two', size: null },
  ]);
  await write(redis, stream, [{ id: '2', name: 'due', size: 3 }]);
  await expect.poll(async () => (await rowsOf(source, stream))[1], SOON).toEqual({ id: '2', name: 'due', size: 3 });
});

test('or each message is a record, with its id and the time that Redis took it at', async () => {
  const { stream, redis, url } = await newStream();
  await redis.xadd(stream, '1700000000000-0', 'id', '1', 'name', 'first');
  await redis.xadd(stream, '1700000000000-1', 'id', '1', 'name', 'second');
  const columns = { ...BY_ID, $id: undefined };
  const source = closing(await open(url, { [stream]: use(columns, [['$id']]) }, { keep: 'all' }));
  const question = { collection: stream, select: ['name', '$sentAt'], keyColumns: ['$id'] };
  const rows = await source.byKeys({ ...question, keys: [['1700000000000-1'], ['x'], ['1700000000000-0']] }, inTime);
  expect(rows).toEqual([
    { $id: '1700000000000-1', name: 'second', $sentAt: '2023-11-14T22:13:20.000Z' },
    null,
    { $id: '1700000000000-0', name: 'first', $sentAt: '2023-11-14T22:13:20.000Z' },
  ]);
});

test('a message may hold its record as JSON; one that is none is put aside with its id', async () => {
  const { stream, redis, url } = await newStream();
  const bodies = ['{"id":12345678901234567890,"about":{"name":"n"},"size":"much"}', '{"id":1', '[1]', '{"name":"x"}'];
  const ids = [];
  for (const body of bodies) ids.push(await redis.xadd(stream, '*', 'body', body));
  ids.push(await redis.xadd(stream, '*', 'other', 'x'));
  ids.push(await redis.xadd(stream, '*', 'body', `{"id":2,"name":"${'x'.repeat(1_100_000)}"}`));
  const columns = { id: undefined, 'about.name': undefined, size: plainNumber };
  const source = closing(await open(url, { [stream]: use(columns, [['id']]) }, { payload: 'body' }));
  const [row] = await rowsOf(source, stream, ['about.name', 'size']);
  expect({ ...row, size: row?.['size'] instanceof Uint8Array }).toEqual({
    id: '12345678901234567890',
    'about.name': 'n',
    size: true,
  });
  const page = { collection: '$aside', select: ['id', 'reason', 'isKept'], where: [], after: null, first: 10 };
  const aside = await source.page({ ...page, orderBy: [{ column: 'number', descending: false }] }, inTime);
  expect(aside.map(({ id, reason, isKept }) => [id, reason, isKept])).toEqual([
    [ids[0], 'size must be a number such as 1234.56', 1],
    [ids[1], 'its field body is no JSON object', 0],
    [ids[2], 'its field body is no JSON object', 0],
    [ids[3], 'id is empty, and is the key', 0],
    [ids[4], 'it has no field body', 0],
    [ids[5], 'longer than a record may be: 1048576 characters', 0],
  ]);
  expect(source.stats?.()).toMatchObject({ streams: [{ stream, messages: 6, aside: 5, lastId: ids[5] }] });
});

test('no more records are kept than are wanted, and no more messages listed as put aside', async () => {
  const { stream, redis, url } = await newStream();
  await write(
    redis,
    stream,
    Array.from({ length: 3_000 }, (_, at) => ({ id: at % 2 === 0 ? `${at}` : null, name: 'x', size: at })),
  );
  const source = closing(await open(url, { [stream]: use(BY_ID, [['id']]) }, { maxRows: 10 }));
  const sizes = (await rowsOf(source, stream)).map((row) => row['size']);
  expect(sizes.toSorted((one, other) => Number(one) - Number(other))).toEqual(
    Array.from({ length: 10 }, (_, at) => 2_980 + 2 * at),
  );
  expect(source.stats?.()).toMatchObject({ streams: [{ messages: 3_000, aside: 1_500, forgotten: 1_490 }] });
  const page = { collection: '$aside', select: ['id'], where: [], after: null, first: 5_000 };
  const aside = await source.page({ ...page, orderBy: [{ column: 'number', descending: false }] }, inTime);
  expect(aside).toHaveLength(1_000);
});

test('while Redis is away what was read is given and said to be old; one that comes back empty is another stream, read from its beginning', async () => {
  const folder = closing(temporaryFolder());
  const port = await freePort();
  const first = await startRedis(folder.path, port);
  const writing = new Redis(first.url);
  await write(writing, 's', [
    { id: '1', name: 'one', size: 1 },
    { id: '2', name: 'two', size: 2 },
  ]);
  writing.disconnect();
  const source = closing(await open(first.url, { s: use(BY_ID, [['id']]) }));
  await first.stop();
  const fault = expect.stringMatching(/^Redis does not answer/) as string;
  await expect.poll(() => source.stats?.(), SOON).toMatchObject({ streams: [{ fault }] });
  expect(await rowsOf(source, 's')).toHaveLength(2);
  const second = await startRedis(folder.path, port);
  const again = new Redis(second.url);
  try {
    await again.xadd('s', '5-0', 'id', '1', 'name', 'anew');
    await expect.poll(() => rowsOf(source, 's'), SOON).toEqual([{ id: '1', name: 'anew', size: null }]);
    expect(source.stats?.()).toMatchObject({ streams: [{ messages: 1, lastId: '5-0', fault: null }] });
  } finally {
    again.disconnect();
    await second.stop();
  }
});

test.each([
  [
    'a server that is not there',
    () => 'redis://127.0.0.1:1',
    /Redis does not let us in \(.*ECONNREFUSED.*\); check url/,
  ],
  ['a key that is no stream', () => inject('redisUrl'), /the test messages cannot be read: WRONGTYPE/],
])('%s is told at the start', async (_, url, message) => {
  const { stream, redis } = await newStream();
  await redis.set(stream, 'a text');
  await expect(open(url(), { [stream]: use(BY_ID, [['id']]) })).rejects.toThrow(message);
});

async function newStream() {
  const redis = new Redis(inject('redisUrl'));
  const stream = `stream-${randomUUID()}`;
  closing({
    async close() {
      await redis.del(stream);
      redis.disconnect();
    },
  });
  return { redis, stream, url: inject('redisUrl') };
}

async function write(redis: Redis, stream: string, rows: readonly SourceRow[]): Promise<void> {
  const pipeline = redis.pipeline();
  for (const row of rows) {
    const fields = Object.entries(row).flatMap(([name, value]) => (value === null ? [] : [name, textOf(value)]));
    pipeline.xadd(stream, '*', ...fields);
  }
  await pipeline.exec();
}

async function rowsOf(source: RecordSource, stream: string, select = ['id', 'name', 'size']): Promise<SourceRow[]> {
  const orderBy = [{ column: 'id', descending: false }];
  return source.page({ collection: stream, select, where: [], orderBy, after: null, first: 100 }, inTime);
}

function use(columns: Record<string, typeof plainNumber | undefined>, keys: string[][]): CollectionUse {
  return { columns: new Map(Object.entries(columns)), structures: new Map(), keys, sought: [] };
}

function open(
  url: string,
  collections: Record<string, CollectionUse>,
  settings: { keep?: 'latest' | 'all'; payload?: string; maxRows?: number } = {},
): Promise<RecordSource> {
  const context = { department: 'test', holds: 'test messages', remedy: '', folder: '/', nameOf: String };
  return redisStreamsKind.open(
    { url, keep: 'latest', maxRows: 1_000_000, ...settings },
    { ...context, collections: new Map(Object.entries(collections)) },
  );
}
