import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf, type SourceRow } from '../../subgraphs/kit/record-source.ts';
import { mysqlKind } from '../../subgraphs/kit/sources/mysql.ts';
import { runStatements, startMariaDb, startMariaDbRelay, type TestMariaDb } from '../kit/mariadb.ts';
import { closingAfterEach } from '../kit/department.ts';
import { contractOf } from './contract.ts';
import { COUNTS, STATIONS } from './stations.ts';

const closing = closingAfterEach();
let server: TestMariaDb;
beforeAll(async () => {
  server = await startMariaDb();
});
afterAll(() => server.stop());

const context = {
  department: 'test',
  holds: 'stations',
  remedy: '',
  folder: '/',
  nameOf: String,
  collections: new Map(),
};

contractOf('tables and views of MariaDB', async () => {
  const url = await server.createDatabase();
  await runStatements(url, [
    `CREATE TABLE station (id VARCHAR(20) PRIMARY KEY, name TEXT, district VARCHAR(20), \`lines\` INT, opened DATE) CHARSET utf8mb4`,
    `CREATE TABLE counted (station VARCHAR(20), day DATE, passengers DECIMAL(20, 4), PRIMARY KEY (station, day))`,
    ...STATIONS.map((row): [string, unknown[]] => ['INSERT INTO station VALUES (?, ?, ?, ?, ?)', Object.values(row)]),
    ...COUNTS.map((row): [string, unknown[]] => ['INSERT INTO counted VALUES (?, ?, ?)', Object.values(row)]),
  ]);
  const relay = await startMariaDbRelay(url);
  const views = { copied: 'SELECT * FROM station UNION ALL SELECT * FROM station' };
  return {
    source: await mysqlKind.open({ url: relay.url, views, timeoutMs: 5_000 }, context),
    asked: () => relay.statements,
    remove: () => relay.close(),
  };
});

test('values are exact: whole numbers of 64 bits, decimals, days and times whatever the time zone, texts of every character set', async () => {
  const { source } = await opened([
    `CREATE TABLE exact (id BIGINT UNSIGNED PRIMARY KEY, d DECIMAL(40, 10), f FLOAT, g DOUBLE, day DATE, at DATETIME(3), seen TIMESTAMP,
       t TIME, y YEAR, b BIT(12), e ENUM('zebra', 'ant'), l VARCHAR(20) CHARACTER SET latin1, j JSON, u UUID)`,
    `SET time_zone = '+00:00'`,
    `INSERT INTO exact VALUES (18446744073709551615, '123456789012345678901234567890.0123456789', 0.1, 0.1, '2026-02-28',
       '2026-02-28 23:59:59.5', '2026-07-01 12:00:00', '23:59:59', 2026, b'101', 'ant', 'Größe', '{"a":1}',
       '123e4567-e89b-12d3-a456-426655440000')`,
    `SET GLOBAL time_zone = '+09:00'`,
  ]);
  const columns = ['id', 'd', 'f', 'g', 'day', 'at', 'seen', 't', 'y', 'b', 'e', 'l', 'j', 'u'];
  const question = { collection: 'exact', select: columns, keyColumns: ['id'], keys: [['18446744073709551615']] };
  expect(await source.byKeys(question, inTime)).toEqual([
    {
      ...{ id: 18446744073709551615n, d: '123456789012345678901234567890.0123456789', f: 0.1, g: 0.1 },
      ...{ day: '2026-02-28', at: '2026-02-28T23:59:59.500', seen: '2026-07-01T12:00:00Z', t: '23:59:59', y: 2026 },
      ...{ b: 5, e: 'ant', l: 'Größe', u: '123e4567-e89b-12d3-a456-426655440000', j: { a: 1 } },
    },
  ]);
  for (const column of columns.filter((each) => each !== 'j')) {
    const [row] = (await source.byKeys(question, inTime)) as SourceRow[];
    const where = [{ column, is: 'equals' as const, value: textOf(row![column]!) }];
    const found = await source.page({ ...pages('exact'), select: ['id'], where }, inTime);
    expect([column, found.length]).toEqual([column, 1]);
  }
});

test.each(['f', 'e', 'at', 'd', 'day', 'n', 'seen'])('pages by %s have every row once', async (column) => {
  const { source } = await opened([
    `SET sql_mode = ''`,
    `CREATE TABLE paged (id INT PRIMARY KEY, f FLOAT, e ENUM('zebra', 'ant', 'Bee'), at DATETIME, d DECIMAL(30, 10), day DATE,
       n VARCHAR(20), seen TIMESTAMP NULL)`,
    `INSERT INTO paged VALUES (1, 0.1, 'zebra', '2026-01-01 00:00:01', 0.0000000001, '0000-00-00', 'Äpfel', '2026-01-01 00:00:00'),
       (2, 16777217, 'ant', '2026-01-01', 12345678901234567890.1, '2026-00-00', 'apfel', NULL), (3, 0.1, 'Bee', NULL, NULL, NULL, 'APFEL', '2026-01-01 00:00:01'),
       (4, NULL, 'zebra', '2026-01-01 00:00:01', 12345678901234567890.2, '2026-02-28', 'a', NULL)`,
  ]);
  for (const descending of [false, true]) {
    const orderBy = [
      { column, descending },
      { column: 'id', descending: false },
    ];
    const seen = new Set<unknown>();
    let asked = 0;
    for (let after: SourceRow[string][] | null = null; asked < 9; asked += 1) {
      const [row]: SourceRow[] = await source.page({ ...pages('paged'), orderBy, after, first: 1 }, inTime);
      if (!row) break;
      seen.add(row['id']);
      after = [row[column] ?? null, row['id']!];
    }
    expect([asked, seen]).toEqual([4, new Set([1, 2, 3, 4])]);
  }
});

test('a key is one only to the letter, though the server takes upper and lower case and blanks at the end for the same', async () => {
  const { source } = await opened([
    'CREATE TABLE coded (code VARCHAR(10) COLLATE utf8mb4_bin PRIMARY KEY, name VARCHAR(20))',
    `INSERT INTO coded VALUES ('a', 'lower'), ('A', 'upper'), ('b', 'other')`,
    'CREATE VIEW folded AS SELECT CONVERT(code USING utf8mb4) COLLATE utf8mb4_general_ci AS code, name FROM coded',
  ]);
  for (const collection of ['coded', 'folded']) {
    const keys = [['A'], ['B'], ['a '], ['a'], ['á']];
    const rows = await source.byKeys({ collection, select: ['name'], keyColumns: ['code'], keys }, inTime);
    expect(rows.map((row) => (row as SourceRow | null)?.['name'])).toEqual([
      'upper',
      undefined,
      undefined,
      'lower',
      undefined,
    ]);
    const where = [{ column: 'code', is: 'equals' as const, value: 'A' }];
    const found = await source.page({ ...pages(collection), select: ['name'], where, orderBy: byCode }, inTime);
    expect(found.map((row) => row['name'])).toEqual(['upper']);
  }
});

test('a batch of a thousand keys is one statement that goes by the index', async () => {
  const { source, relay, url } = await opened([
    'CREATE TABLE many (id BIGINT PRIMARY KEY, name VARCHAR(20))',
    `INSERT INTO many SELECT seq, CONCAT('n', seq) FROM seq_1_to_20000`,
  ]);
  await source.describe('many');
  const keys = Array.from({ length: 1_000 }, (_, at) => [at * 10 + 1]);
  const [before, scannedBefore] = [relay.statements, await rowsScanned(url)];
  const rows = await source.byKeys({ collection: 'many', select: ['name'], keyColumns: ['id'], keys }, inTime);
  expect(rows.map((row) => (row as SourceRow)['name'])).toEqual(keys.map(([id]) => `n${id}`));
  expect(relay.statements - before).toBe(1);
  expect((await rowsScanned(url)) - scannedBefore).toBeLessThan(5_000);
});

test('a statement that takes too long is given up, and so is a server that no longer answers; both are asked again', async () => {
  const { source, relay } = await opened(['CREATE TABLE one (id INT PRIMARY KEY)', 'INSERT INTO one VALUES (1)'], {
    views: { slow: 'SELECT id, IF(id > 0, SLEEP(20), 0) AS name FROM one' },
    timeoutMs: 300,
  });
  await source.describe('slow');
  await source.describe('one');
  const startedMs = performance.now();
  const asked = source.page({ ...pages('slow'), select: ['name'] }, inTime);
  await expect(asked).rejects.toMatchObject({ extensions: { code: 'SYSTEM_UNAVAILABLE' } });
  expect(performance.now() - startedMs).toBeLessThan(2_000);
  relay.cut();
  await expect(source.page(pages('one'), inTime)).rejects.toThrow('The stations did not answer.');
  relay.restore();
  await expect.poll(() => source.page(pages('one'), inTime).catch(String)).toEqual([{ id: 1 }]);
});

test.each([
  ['a wrong password', (url: URL) => void (url.password = 'wrong'), /does not let us in \(Access denied.*check url/],
  ['a database that is not there', (url: URL) => void (url.pathname = '/nowhere'), /Unknown database 'nowhere'/],
  ['an address without a database', (url: URL) => void (url.pathname = '/'), /url names no database/],
  ['a server that is not there', (url: URL) => void (url.port = '1'), /ECONNREFUSED.*check url/],
])('%s is told at the start', async (_, change, message) => {
  const url = new URL(await server.createDatabase());
  change(url);
  const opening = mysqlKind.open({ url: url.href, views: {}, timeoutMs: 2_000 }, context);
  await expect(opening).rejects.toThrow(message);
  await expect(opening).rejects.not.toThrow(url.password);
});

const inTime = { signal: new AbortController().signal };
const byCode = [{ column: 'code', descending: false }];

function pages(collection: string) {
  const orderBy = [{ column: 'id', descending: false }];
  return { collection, select: ['id'], where: [], orderBy, after: null, first: 10 };
}

/** A database of its own that these statements have made, behind a relay; closed when the test ends. */
async function opened(
  statements: readonly string[],
  settings: { views?: Record<string, string>; timeoutMs?: number } = {},
) {
  const url = await server.createDatabase();
  await runStatements(url, statements);
  const relay = closing(await startMariaDbRelay(url));
  const source = await mysqlKind.open({ url: relay.url, views: {}, timeoutMs: 5_000, ...settings }, context);
  return { source: closing(source), relay, url };
}

/** How many rows all statements so far have read without an index; asking for it reads a few hundred. */
async function rowsScanned(url: string): Promise<number> {
  const [row] = await runStatements(url, [`SHOW GLOBAL STATUS LIKE 'Handler_read_rnd_next'`]);
  return Number(row?.['Value']);
}
