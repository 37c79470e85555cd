import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonKind } from '../../subgraphs/kit/sources/json.ts';
import { JsonScanner, MAX_RECORD_CHARACTERS } from '../../subgraphs/kit/sources/json-scanner.ts';
import { dropFolderContractOf, oneFileOf, rowsOf, type DropFormat } from './drop-folder.ts';

const LIST: DropFormat = {
  name: 'JSON files',
  ending: 'json',
  open: (folder, context) => jsonKind.open({ folder, records: 'data.items' }, context),
  write: (rows) =>
    `{"about": {"items": [{"id": "no"}]}, "data": {"items": [\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]}}\n`,
  lineOf: (record) => record + 2,
  cut: (rows) =>
    `{"data": {"items": [\n${rows
      .map((row) => JSON.stringify(row))
      .join(',\n')
      .slice(0, -9)}`,
};

dropFolderContractOf(LIST);

const open: DropFormat['open'] = (folder, context) => jsonKind.open({ folder }, context);
const oneFile = oneFileOf({ ending: 'json', open });
const oneFileOfLines = oneFileOf({ ending: 'jsonl', open });
const oneFileAtPath = oneFileOf(LIST);
const structures = new Map([
  ['name', 'object' as const],
  ['size', 'list' as const],
]);
const oneFileOfStructures = oneFileOf({ ending: 'json', open }, { structures });

test.each([
  ['a list', '[{"id":1,"name":"one"},\n {"id":"2"}]', [1, 2]],
  ['a list without a record', ' [ ] ', []],
  ['a document that is a record', '{\n"id": 1,\n"name": "one"}', [1]],
  ['a record a line', '{"id":1}\r\n\r\n{"id":2}\n{"id":3}', [1, 3, 4]],
])('%s is read as what it is', async (_, content, lines) => {
  const { source, aside } = await oneFile(content);
  expect((await rowsOf(source)).map((row) => row['$line'])).toEqual(lines);
  expect(await aside()).toEqual([]);
  expect(source.stats?.()).toMatchObject({ files: [{ fault: null, encoding: 'utf-8' }] });
});

test('what stands in objects is named by the way there, whatever its case; the very name comes first', async () => {
  const row = { ID: 7, Name: 'loose', name: 'exact', 'si ze': null, s: { i: 'no' } };
  const { source } = await oneFile(JSON.stringify([row, { id: { x: 1 } }, { i: { d: 8 }, NA_ME: 'far', SIZE: 2 }]));
  expect(await rowsOf(source, ['id', 'name', 'size'])).toEqual([
    { id: '7', name: 'exact', size: null },
    { id: '8', name: 'far', size: 2 },
  ]);
});

test('a number with more digits than a double keeps stays what it is, and a text its blanks', async () => {
  const { source } = await oneFile(
    '[{"id":12345678901234567890,"name":0.10000000000000000001},{"id":1.50,"name":" x "}]',
  );
  expect(await rowsOf(source, ['id', 'name'])).toEqual([
    { id: '1.5', name: ' x ' },
    { id: '12345678901234567890', name: '0.10000000000000000001' },
  ]);
});

test('lists and objects are kept whole where a field wants them, and fit no other', async () => {
  const content =
    '[{"id":1,"name":{"a":[1,{"b":12345678901234567890}]},"size":["x",null]},{"id":2,"name":"text","size":[]}]';
  const whole = await oneFileOfStructures(content);
  expect(await rowsOf(whole.source, ['id', 'name', 'size'])).toEqual([
    { id: '1', name: { a: [1, { b: '12345678901234567890' }] }, size: ['x', null] },
    { id: '2', name: 'text', size: [] },
  ]);
  const single = await oneFile(content);
  expect((await single.aside()).map(({ reason }) => reason)).toEqual([
    'name must be a single value',
    'size must be a single value',
    'size must be a single value',
  ]);
});

test.each<[string, string, (string | number)[][], string[]]>([
  ['no JSON', '[{"id":1},{"id":2,name:3},{"id":3}]', [[1, 'it is no JSON']], ['1', '3']],
  ['closed otherwise', '[{"id":1},\n{"id":2],\n{"id":3}]', [[2, 'it is no JSON']], ['1']],
  ['left open', '[{"id":1},\n{"id":2,"name":[1},\n{"id":3}]', [[2, 'it is no JSON']], ['1', '3']],
  [
    'a text left open',
    '[\n{"id":1},\n{"id":2,"name":"x},\n{"id":3},\n{"id":4}\n]',
    [[3, 'it is no JSON']],
    ['1', '3', '4'],
  ],
  [
    'no object',
    '[1, {"id":"2"}, "{}", [{"id":3}], null]',
    [1, 1, 1, 1].map((line) => [line, 'it is no object']),
    ['2'],
  ],
  [
    'too long',
    `[{"id":1},\n{"id":2,"name":"${'x'.repeat(3 * MAX_RECORD_CHARACTERS)}"},\n{"id":3}]`,
    [[2, `longer than a record may be: ${MAX_RECORD_CHARACTERS} characters`]],
    ['1', '3'],
  ],
])('a record that is %s takes no other along', async (_, content, putAside, ids) => {
  const { source, aside } = await oneFile(content);
  expect((await aside()).map(({ line, reason }) => [line, reason])).toEqual(putAside);
  expect((await rowsOf(source)).map((row) => row['id'])).toEqual(ids);
});

test('a line that is no record takes no other along', async () => {
  const long = `{"id":9,"name":"${'x'.repeat(2 * MAX_RECORD_CHARACTERS)}"}`;
  const { source, aside } = await oneFileOfLines(`{"id":1,"name":"x\n{"id":2}\n[3]\n${long}\n{"id":4}`);
  expect((await aside()).map(({ line, reason }) => [line, reason])).toEqual([
    [1, 'it is no JSON'],
    [3, 'it is no object'],
    [4, `longer than a record may be: ${MAX_RECORD_CHARACTERS} characters`],
  ]);
  expect((await rowsOf(source)).map((row) => row['id'])).toEqual(['2', '4']);
});

test.each([
  ['', 'the file is empty'],
  ['7', 'there is no list at data.items, so that it holds no records'],
  ['{"data":{"items":{"items":[]}}}', 'there is no list at data.items, so that it holds no records'],
  ['{"data":[', 'it ends before what it holds does (line 1)'],
  ['{"data":\n]', '] where nothing is open for it (line 2)'],
  ['{"data":'.repeat(200_000), 'more than 100 lists and objects in each other (line 1)'],
  [`{"data":{"items":[{"id":1},\n${'['.repeat(300_000)}`, 'more than 100 lists and objects in each other (line 2)'],
  [`{"data": "${'x'.repeat(3_000_000)}"}`, 'there is no list at data.items, so that it holds no records'],
])('a file that holds no list of records is named with what is wrong with it: %.40s', async (content, fault) => {
  const { source } = await oneFileAtPath(content);
  expect(source.stats?.()).toMatchObject({ files: [{ file: 'a.json', fault }] });
});

test.each([
  ['UTF-8 with a mark', Buffer.from('\ufeff[{"id":1,"name":"Żółć 北京"}]'), 'utf-8'],
  ['UTF-16', Buffer.from('\ufeff[{"id":1,"name":"Żółć 北京"}]', 'utf16le'), 'utf-16le'],
  [
    'GB 18030',
    Buffer.concat([
      Buffer.from('[{"id":1,"name":"'),
      Buffer.from('b1b1beacd5beb5c4b3a4b3c7c9ccb5ead4dad6d0b9fac6f3d2b5', 'hex'),
      Buffer.from('"}]'),
    ]),
    'gb18030',
  ],
])('a file in %s is read as what it is', async (_, content, encoding) => {
  const { source } = await oneFile(content);
  const [row] = JSON.parse(new TextDecoder(encoding).decode(content)) as [{ name: string }];
  expect(await rowsOf(source, ['name'])).toEqual([{ id: '1', name: row.name }]);
  expect(source.stats?.()).toMatchObject({ files: [{ encoding, fault: null }] });
});

test('records are found whatever pieces the document comes in', () => {
  const records = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 6 });
  fc.assert(
    fc.property(records, fc.array(fc.nat(40), { minLength: 1 }), fc.boolean(), (values, cuts, isPretty) => {
      const document = JSON.stringify({ 'a"b': [{}], x: { 'a"b': values } }, null, isPretty ? 1 : 0);
      const found: [unknown, number][] = [];
      const scanner = new JsonScanner(['x', 'a"b'], {
        record: (text, line) => found.push([JSON.parse(text), line]),
        tooLong: () => expect.fail(),
      });
      for (let at = 0, turn = 0; at < document.length; turn += 1) {
        const length = 1 + (cuts[turn % cuts.length] ?? 0);
        scanner.write(document.slice(at, at + length));
        at += length;
      }
      expect(scanner.isClosed).toBe(true);
      expect(found.map(([value]) => value)).toEqual(JSON.parse(JSON.stringify(values)));
      const lines = document.split('\n');
      for (const [value, line] of found) expect(lines[line - 1]!.trim()).toContain(JSON.stringify(value)[0]);
    }),
    { numRuns: 300 },
  );
});
