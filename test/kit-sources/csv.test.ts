import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { StatementSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { expect, test, vi } from 'vitest';
import { plainNumber } from '../../subgraphs/kit/manifest/conversions.ts';
import { textOf, type RecordSource, type SourceRow, type SourceValue } from '../../subgraphs/kit/record-source.ts';
import type { CollectionUse } from '../../subgraphs/kit/source-kind.ts';
import { csvKind } from '../../subgraphs/kit/sources/csv.ts';
import { closingAfterEach, temporaryFolder } from '../kit/department.ts';
import { contractOf } from './contract.ts';
import { COUNTS, STATIONS } from './stations.ts';

const closing = closingAfterEach();
const inTime = { signal: new AbortController().signal };
/** A file lands or changes. */
const SOON = { timeout: 10_000, interval: 50 };

contractOf('CSV files', async () => {
  const folder = temporaryFolder();
  writeFileSync(folder.file('stations.csv'), csv(STATIONS));
  writeFileSync(folder.file('counted-1.csv'), csv(COUNTS.slice(0, 2)));
  writeFileSync(folder.file('counted-2.csv'), csv(COUNTS.slice(2)));
  writeFileSync(folder.file('copied.csv'), csv([...STATIONS, ...STATIONS]));
  const station = { id: undefined, name: undefined, district: undefined, lines: plainNumber, opened: undefined };
  const source = await openCsv(folder.path, {
    'stations.csv': use(station, [['id']]),
    'counted-*.csv': use({ station: undefined, day: undefined, passengers: plainNumber }, [['station', 'day']]),
    'copied.csv': use(station, []),
  });
  const statements = vi.spyOn(StatementSync.prototype, 'all');
  return {
    source,
    names: { station: 'stations.csv', counted: 'counted-*.csv', copied: 'copied.csv' },
    asked: () => statements.mock.calls.length,
    remove() {
      statements.mockRestore();
      folder.close();
    },
  };
});

test.each<[string, Buffer, string]>([
  ['UTF-8', Buffer.from('id,name\n1,Żółć 北京\n'), 'utf-8'],
  ['UTF-8 with a mark', Buffer.from('\ufeffid,name\n1,Żółć 北京\n'), 'utf-8'],
  ['UTF-16', Buffer.from('\ufeffid\tname\n1\tŻółć 北京\n', 'utf16le'), 'utf-16le'],
  ['UTF-16 without a mark', Buffer.from('id;name\n1;Żółć 北京\n', 'utf16le'), 'utf-16le'],
  [
    'GB 18030',
    Buffer.concat([
      Buffer.from('id|name\n1|'),
      Buffer.from('b1b1beacd5beb5c4b3a4b3c7c9ccb5ead4dad6d0b9fac6f3d2b5', 'hex'),
      Buffer.from('\n'),
    ]),
    'gb18030',
  ],
  [
    'Windows 1252',
    Buffer.from('id;name\n1;Stra\xdfe der G\xe4rten, gr\xfc\xdfe aus K\xf6ln\n', 'latin1'),
    'windows-1252',
  ],
])('a file in %s is read as what it is, with its own delimiter', async (_, content, encoding) => {
  const { source, aside } = await oneFile(content);
  const [row] = await rowsOf(source);
  const name = new TextDecoder(encoding).decode(content).split(/\n/)[1]!.slice(2);
  expect(row).toMatchObject({ id: '1', name });
  expect(source.stats?.()).toMatchObject({
    files: [{ file: 'a.csv', rowsKept: 1, rowsAside: 0, encoding, fault: null }],
  });
  expect(await aside()).toEqual([]);
});

test('rows that cannot be kept are put aside with line and reason, and the others are kept', async () => {
  const { source, aside } = await oneFile(
    'Id;NAME;size\n1;one;1.5\n2\n;none;1\n1;again;1\n3;"a;b\nc";2\n4;four;4;4\n5;"five ""5""";\n',
  );
  expect(await aside()).toEqual([
    { line: 3, reason: '1 fields; the header has 3', isKept: 0 },
    { line: 4, reason: 'id is empty, and is the key', isKept: 0 },
    { line: 5, reason: 'another row has the same id', isKept: 0 },
    { line: 8, reason: '4 fields; the header has 3', isKept: 0 },
  ]);
  expect((await rowsOf(source)).map((row) => [row['id'], row['name'], row['size']])).toEqual([
    ['1', 'one', 1.5],
    ['3', 'a;b\nc', 2],
    ['5', 'five "5"', null],
  ]);
});

test('a value that does not fit is told with its line, and its row is kept', async () => {
  const { source, aside } = await oneFile('id,name,size\n1,one,many\n2,two,2\n');
  expect(await aside()).toEqual([{ line: 2, reason: 'size must be a number such as 1234.56', isKept: 1 }]);
  const rows = await rowsOf(source);
  expect(rows.map((row) => row['name'])).toEqual(['one', 'two']);
  expect(rows[0]?.['size']).toBeInstanceOf(Uint8Array);
});

test.each([
  ['id,name\n1,"open\n2,"two"\n3,three "3"\n4,"a, b"\n', ['"open', 'two', 'three "3"', 'a, b']],
  [`id,name\n1,"open\n2,two\n3,${'x'.repeat(100)}\n`, ['"open', 'two', 'x'.repeat(100)]],
  ['id,name\n1,"a""b"\n2,"c\nd"\n3,e"f\n', ['a"b', '"c', 'e"f']],
])('a quote that nobody closes takes no row with it: %j', async (content, names) => {
  const { source } = await oneFile(content);
  expect((await rowsOf(source)).map((row) => row['name'])).toEqual(names);
});

test.each([
  ['', 'the file is empty; its first row must be the header'],
  ['name,size\none,1\n', 'the header has no column id'],
])('a file holding %j is named with what is wrong with it', async (content, fault) => {
  const { source } = await oneFile(content);
  expect(source.stats?.()).toMatchObject({ files: [{ file: 'a.csv', rowsKept: 0, fault }] });
});

test('a file that no type is read from is named, and a thousand rows put aside are listed and the rest counted', async () => {
  const { source, folder, aside } = await oneFile(`id,name\n${'x\n'.repeat(1_500)}`);
  writeFileSync(folder.file('notes.txt'), 'a');
  await expect
    .poll(() => source.stats?.(), SOON)
    .toMatchObject({
      files: [
        { file: 'a.csv', rowsAside: 1_500 },
        { file: 'notes.txt', fault: 'no type is read from it; files are *.csv' },
      ],
    });
  expect(await aside()).toHaveLength(1_000);
});

test('a file that is replaced counts whole from then on, one taken away is forgotten, and rows that stood behind others come forth', async () => {
  const { source, folder } = await oneFile('id,name\n1,one\n2,two\n');
  const names = async (): Promise<unknown[]> => (await rowsOf(source)).map((row) => row['name']);
  writeFileSync(folder.file('b.csv.part'), 'id,name\n2,other two\n3,three\n');
  renameSync(folder.file('b.csv.part'), folder.file('b.csv'));
  await expect.poll(names, SOON).toEqual(['one', 'two', 'three']);
  writeFileSync(folder.file('a.csv.part'), 'id,name\n1,uno\n');
  renameSync(folder.file('a.csv.part'), folder.file('a.csv'));
  await expect.poll(names, SOON).toEqual(['uno', 'other two', 'three']);
  rmSync(folder.file('b.csv'));
  await expect.poll(names, SOON).toEqual(['uno']);
});

test('a column that no file has is not given, and those that the files have are', async () => {
  const { source } = await oneFile('id,Full Name\n1,one\n');
  const { columns } = await source.describe('*.csv');
  expect(columns?.map(({ name }) => name)).toEqual(['$file', '$line', '$readAt', 'id', 'Full Name']);
});

test('what was read is kept nowhere when the source is closed', async () => {
  const { source } = await openOne('id,name\n1,one\n');
  const own = (): string[] =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`switchyard-import-${process.pid}-`));
  const before = own();
  await source.close();
  expect(own()).toHaveLength(before.length - 1);
});

test('what a killed process left is removed by the next', async () => {
  const left = `${tmpdir()}/switchyard-import-4194304999-x`;
  mkdirSync(left, { recursive: true });
  await oneFile('id,name\n');
  expect(readdirSync(tmpdir())).not.toContain('switchyard-import-4194304999-x');
});

/** A folder with one file, `a.csv`, whose rows have `id`, `name` and `size`; closed when the test ends. */
async function oneFile(content: string | Buffer) {
  const { source, folder } = await openOne(content);
  closing(source);
  const page = { collection: '$aside', select: ['line', 'reason', 'isKept'], where: [], after: null, first: 2_000 };
  const orderBy = [{ column: 'line', descending: false }];
  const aside = async (): Promise<SourceRow[]> =>
    (await source.page({ ...page, orderBy }, inTime)).map((row) => ({ ...row }));
  return { source, folder, aside };
}

async function openOne(content: string | Buffer) {
  const folder = closing(temporaryFolder());
  writeFileSync(folder.file('a.csv'), content);
  const columns = { id: undefined, name: undefined, size: plainNumber };
  return { folder, source: await openCsv(folder.path, { '*.csv': use(columns, [['id']]) }) };
}

function rowsOf(source: RecordSource): Promise<SourceRow[]> {
  const orderBy = [{ column: 'id', descending: false }];
  const select = ['id', 'name', 'size', '$line'];
  return source.page({ collection: '*.csv', select, where: [], orderBy, after: null, first: 100 }, inTime);
}

function openCsv(folder: string, collections: Record<string, CollectionUse>): Promise<RecordSource> {
  const context = { department: 'test', holds: 'test files', remedy: '', folder: '/', nameOf: String };
  return csvKind.open({ folder, quotes: true }, { ...context, collections: new Map(Object.entries(collections)) });
}

function use(columns: Record<string, typeof plainNumber | undefined>, keys: string[][]): CollectionUse {
  return { columns: new Map(Object.entries(columns)), keys, sought: [] };
}

function csv(rows: readonly SourceRow[]): string {
  const cell = (value: SourceValue): string => (value === null ? '' : `"${textOf(value).replaceAll('"', '""')}"`);
  const lines = rows.map((row) => Object.values(row).map(cell).join(','));
  return [Object.keys(rows[0]!).join(','), ...lines].join('\r\n');
}
