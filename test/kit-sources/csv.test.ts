import { mkdirSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { textOf, type SourceValue } from '../../subgraphs/kit/record-source.ts';
import { csvKind } from '../../subgraphs/kit/sources/csv.ts';
import { dropFolderContractOf, oneFileOf, rowsOf, type DropFormat } from './drop-folder.ts';

const CSV: DropFormat = {
  name: 'CSV files',
  ending: 'csv',
  open: (folder, context) => csvKind.open({ folder, quotes: true }, context),
  write(rows) {
    const cell = (value: SourceValue): string => (value === null ? '' : `"${textOf(value).replaceAll('"', '""')}"`);
    const lines = rows.map((row) => Object.values(row).map(cell).join(','));
    return [Object.keys(rows[0]!).join(','), ...lines].join('\r\n');
  },
  lineOf: (record) => record + 2,
};

dropFolderContractOf(CSV);
const oneFile = oneFileOf(CSV);

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

test('a column that no file has is not given, and those that the files have are', async () => {
  const { source } = await oneFile('id,Full Name\n1,one\n');
  const { columns } = await source.describe('*.csv');
  expect(columns?.map(({ name }) => name)).toEqual(['$file', '$line', '$readAt', 'id', 'Full Name']);
});

test('what a killed process left is removed by the next', async () => {
  const left = `${tmpdir()}/switchyard-import-4194304999-x`;
  mkdirSync(left, { recursive: true });
  await oneFile('id,name\n');
  expect(readdirSync(tmpdir())).not.toContain('switchyard-import-4194304999-x');
});
