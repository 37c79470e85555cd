import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';
import { readKnownGraph } from '../../subgraphs/kit/wrap/known-graph.ts';
import { closingAfterEach, temporaryFolder } from '../kit/department.ts';
import { ask, questionsOf, serveWrapped, wrapIn } from './wrapping.ts';

const closing = closingAfterEach();

const WELLS = `no;Name;country;Depth (m);drilled on
W-001;Alte Quelle;DE;12,5;31.12.1950
W-002;Puits neuf;FR;140,25;01.02.2001
W-003;Pozzo;IT;;15.07.1999
`;

const TREES = [
  {
    id: 'T1',
    code: '01',
    planted: '1980-05-01',
    height_m: 12.5,
    is_old: true,
    marks: ['a'],
    place: { country: 'DE', street: 'A Street' },
  },
  {
    id: 'T2',
    code: '02',
    planted: '1990-05-01',
    height_m: 7.5,
    is_old: false,
    marks: ['b', 'c'],
    place: { country: 'FR', street: 'B Street' },
  },
  {
    id: 'T3',
    code: '10',
    planted: '2000-05-01',
    height_m: 3,
    is_old: false,
    marks: [],
    place: { country: 'IT', street: 'C Street' },
    visits: [{ on: '2026-01-01' }],
  },
];

function folderWith(files: Record<string, string>): { path: string; file(name: string): string } {
  const folder = closing(temporaryFolder());
  for (const [name, text] of Object.entries(files)) writeFileSync(folder.file(name), text);
  return folder;
}

test('A CSV file becomes a department that answers with its values, by key and in pages', async () => {
  const folder = folderWith({ 'wells.csv': WELLS });
  const wrapped = await wrapIn(folder.path, 'wells.csv');
  expect(wrapped).toMatchObject({ fault: undefined, folder: folder.file('wells') });
  const { url } = closing(await serveWrapped(wrapped));
  const answer = await ask(
    url,
    '{ well(no: "W-002") { name depthM drilledOn provenance { system recordId } } wells(first: 2, after: "W-001") { no depthM } }',
  );
  expect(answer).toEqual({
    data: {
      well: {
        name: 'Puits neuf',
        depthM: 140.25,
        drilledOn: '2001-02-01',
        provenance: { system: 'wells.csv', recordId: 'W-002' },
      },
      wells: [
        { no: 'W-002', depthM: 140.25 },
        { no: 'W-003', depthM: null },
      ],
    },
  });
  expect(questionsOf(wrapped)).toEqual(
    expect.arrayContaining([expect.stringContaining('Is no the key? It is different in all 3 rows')]),
  );
});

test('A column is joined where it is said to lead, and only asked about where its name is like a key of the graph', async () => {
  const folder = folderWith({ 'wells.csv': WELLS });
  const graph = readKnownGraph([
    parse(
      'type Query { wells: Int } "A country or territory." type Place @key(fields: "iso") { iso: ID! name: String }',
    ),
  ]);
  const asked = await wrapIn(folder.path, 'wells.csv', { graph, out: 'asked' });
  expect(asked.draft.entities).toEqual([]);
  expect(questionsOf(asked)).toEqual(
    expect.arrayContaining([expect.stringMatching(/Is it the graph's Place\.iso\?.*--join country=Place\.iso/)]),
  );
  const joined = await wrapIn(folder.path, 'wells.csv', { graph, joins: ['country=Place.iso'] });
  const { url } = closing(await serveWrapped(joined));
  const places = '_entities(representations: [{ __typename: "Place", iso: "DE" }]) { ... on Place { wells { no } } }';
  // The graph has a field of Query called wells.
  expect(await ask(url, `{ wells2 { place { iso } } ${places} }`)).toEqual({
    data: {
      wells2: [{ place: { iso: 'DE' } }, { place: { iso: 'FR' } }, { place: { iso: 'IT' } }],
      _entities: [{ wells: [{ no: 'W-001' }] }],
    },
  });
});

test.each([
  ['contry=Place.iso', 'there is no column contry (did you mean "country"?)'],
  ['country=Plce.iso', 'the graph has no Plce with a key of one field (did you mean "Place"?)'],
  ['country=Place.code', 'Place has no key code in the graph'],
  ['country', 'it must be COLUMN=TYPE.KEY, such as country=Place.iso'],
])('--join %s is refused before anything is written', async (join, message) => {
  const folder = folderWith({ 'wells.csv': WELLS });
  const graph = readKnownGraph([parse('type Place @key(fields: "iso") { iso: ID! }')]);
  await expect(wrapIn(folder.path, 'wells.csv', { graph, joins: [join] })).rejects.toThrow(message);
  expect(() => readFileSync(folder.file('wells/department.yaml'))).toThrow('ENOENT');
});

test('Files that differ in their numbers alone are one table, with a key of two columns where it takes two', async () => {
  const folder = folderWith({});
  mkdirSync(folder.file('drop'));
  writeFileSync(folder.file('drop/kwh-2025-11.csv'), 'meter,month,kwh\nM1,2025-11,10\nM2,2025-11,12.5\n');
  writeFileSync(folder.file('drop/kwh-2025-12.csv'), 'meter,month,kwh\nM1,2025-12,11\nM2,2025-12,12.5\n');
  writeFileSync(folder.file('drop/meters.csv'), 'meter,street\nM1,High Street\nM2,Low Street\n');
  const wrapped = await wrapIn(folder.path, 'drop');
  expect(wrapped.folder).toBe(folder.file('drop-department'));
  expect(wrapped.draft.types).toMatchObject([
    { name: 'Kwh', from: 'kwh-*.csv', keys: [['meter', 'month']] },
    { name: 'Meter', from: 'meters.csv', keys: [['meter']] },
  ]);
  const { url } = closing(await serveWrapped(wrapped));
  expect(await ask(url, '{ kwh(meter: "M2", month: "2025-12") { kwh } kwhs { meter } }')).toEqual({
    data: { kwh: { kwh: 12.5 }, kwhs: [{ meter: 'M1' }, { meter: 'M1' }, { meter: 'M2' }, { meter: 'M2' }] },
  });
});

test('Rows without anything that tells them apart are listed in the order of their file', async () => {
  const folder = folderWith({ 'votes.csv': 'choice\nyes\nno\nyes\n' });
  const wrapped = await wrapIn(folder.path, 'votes.csv');
  const { url } = closing(await serveWrapped(wrapped));
  expect(await ask(url, '{ votes { choice } }')).toEqual({
    data: { votes: [{ choice: true }, { choice: false }, { choice: true }] },
  });
  expect(questionsOf(wrapped)).toEqual(
    expect.arrayContaining([expect.stringContaining('What tells these records apart?')]),
  );
});

test('Names that would speak to a terminal are said without that, and are still columns', async () => {
  const folder = folderWith({ 'a.csv': 'id,red\u001b[31m\u0007,\u001b]\n1,x,y\n2,z,y\n' });
  const wrapped = await wrapIn(folder.path, 'a.csv');
  const said = [
    ...questionsOf(wrapped),
    ...wrapped.survey.leftOut,
    ...Object.values(wrapped.files).map((file) => readFileSync(file, 'utf8')),
  ];
  expect(said.join('\n')).not.toMatch(/[^\P{Cc}\n]/u);
  const { url } = closing(await serveWrapped(wrapped));
  expect(await ask(url, '{ as { id red31m } }')).toEqual({
    data: {
      as: [
        { id: '1', red31m: 'x' },
        { id: '2', red31m: 'z' },
      ],
    },
  });
});

test('What cannot be given of a file is said: columns without a name, ragged rows, and those of a quote that nobody closed', async () => {
  const folder = folderWith({ 'a.csv': 'id,,id\n1,x,y\n2,"open,z\n3,q\n4,x,y\n' });
  const wrapped = await wrapIn(folder.path, 'a.csv');
  expect(wrapped.survey.leftOut).toEqual([
    'a.csv: column 2 has no name that it could be found by',
    'a.csv: column 3 is called "id", as one before it: only the first is read',
    'a.csv: 1 rows, which are put aside: 2 fields; the header has 3',
  ]);
  expect(wrapped).toMatchObject({ fault: undefined, aside: [{ file: 'a.csv', rows: 1 }] });
});

test.each([
  ['a list', 'trees.json', JSON.stringify(TREES), undefined],
  ['a list in a document', 'trees.json', JSON.stringify({ from: 'x', data: { trees: TREES } }), 'data.trees'],
  ['a record a line', 'trees.jsonl', TREES.map((tree) => JSON.stringify(tree)).join('\n'), undefined],
])('JSON that is %s becomes a department with the types that its values have', async (_, name, text, records) => {
  const folder = folderWith({ [name]: text });
  const wrapped = await wrapIn(folder.path, name, { joins: ['place.country=Place.iso'] });
  expect(wrapped).toMatchObject({
    fault: undefined,
    survey: { kind: 'json', settings: records === undefined ? {} : { records } },
  });
  const { url } = closing(await serveWrapped(wrapped));
  const query = '{ tree(id: "T2") { code planted heightM isOld marks placeStreet place { iso } } trees { id } }';
  expect(await ask(url, query)).toEqual({
    data: {
      tree: {
        ...{
          code: '02',
          planted: '1990-05-01',
          heightM: 7.5,
          isOld: false,
          marks: ['b', 'c'],
          placeStreet: 'B Street',
        },
        place: { iso: 'FR' },
      },
      trees: [{ id: 'T1' }, { id: 'T2' }, { id: 'T3' }],
    },
  });
  expect(wrapped.survey.leftOut).toEqual([
    `${name}: visits is a list of records in a record; types for it can be written by hand`,
  ]);
});

test('XML becomes a department, wherever in the document its records are', async () => {
  const cases =
    '<case no="C1"><court>North</court><sum currency="CNY">12,5</sum></case><case no="C2"><court>South</court><sum currency="EUR">7,25</sum></case>';
  const folder = folderWith({ 'cases.xml': `<?xml version="1.0"?><register><cases>${cases}</cases></register>` });
  const wrapped = await wrapIn(folder.path, 'cases.xml');
  expect(wrapped).toMatchObject({ fault: undefined, survey: { settings: { records: '*/*/case' } } });
  const { url } = closing(await serveWrapped(wrapped));
  expect(await ask(url, '{ case(no: "C2") { court sum sumCurrency } cases { no } }')).toEqual({
    data: { case: { court: 'South', sum: 7.25, sumCurrency: 'EUR' }, cases: [{ no: 'C1' }, { no: 'C2' }] },
  });
});

test('A spreadsheet becomes a department, with the row that names its columns found', async () => {
  const folder = folderWith({});
  const days = [new Date('2020-05-01T00:00:00Z'), new Date('2021-06-02T00:00:00Z')];
  const rows = [['Rooms of 2026'], ['Room no', 'Opened on', 'Places'], ['R1', days[0], 12], ['R2', days[1], 7]];
  const cells = rows.map((row) =>
    row.map((value) => ({ value, ...(value instanceof Date && { format: 'yyyy-mm-dd' }) })),
  );
  await writeXlsxFile(cells as never).toFile(folder.file('rooms.xlsx'));
  const wrapped = await wrapIn(folder.path, 'rooms.xlsx');
  expect(wrapped).toMatchObject({ fault: undefined, survey: { kind: 'spreadsheet' } });
  const { url } = closing(await serveWrapped(wrapped));
  expect(await ask(url, '{ room(roomNo: "R2") { openedOn places } }')).toEqual({
    data: { room: { openedOn: '2021-06-02', places: 7 } },
  });
});

test('A SQLite file becomes a department with its keys, its relations, and what it promises', async () => {
  const folder = folderWith({});
  using database = new DatabaseSync(folder.file('mines.db'));
  database.exec(`
    CREATE TABLE mine (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, active BOOLEAN, tonnage BIGINT, photo BLOB);
    CREATE TABLE shift (mine_id INT NOT NULL REFERENCES mine, day TEXT NOT NULL, workers INT, PRIMARY KEY (mine_id, day));
    INSERT INTO mine VALUES (1, 'Alpha', 1, 5000000000, x'00'), (2, 'Beta', 0, NULL, x'01');
    INSERT INTO shift VALUES (1, '2024-01-01', 5), (1, '2024-01-02', 6), (2, '2024-01-01', 7);`);
  const wrapped = await wrapIn(folder.path, 'mines.db');
  expect(wrapped.draft.types).toMatchObject([
    { name: 'Mine', keys: [['id'], ['name']] },
    { name: 'Shift', keys: [['mineId', 'day']] },
  ]);
  expect(wrapped.survey.leftOut).toEqual(['mine.photo: it holds bytes, which GraphQL cannot give']);
  const { url } = closing(await serveWrapped(wrapped));
  const query =
    '{ mine(id: 1) { name active tonnage shifts { day workers } } shift(mineId: "2", day: "2024-01-01") { mine { name } } }';
  expect(await ask(url, query)).toEqual({
    data: {
      mine: {
        name: 'Alpha',
        active: true,
        tonnage: 5_000_000_000,
        shifts: [
          { day: '2024-01-01', workers: 5 },
          { day: '2024-01-02', workers: 6 },
        ],
      },
      shift: { mine: { name: 'Beta' } },
    },
  });
});

test('What is in a folder already is left as it is', async () => {
  const folder = folderWith({ 'wells.csv': WELLS });
  await wrapIn(folder.path, 'wells.csv');
  writeFileSync(folder.file('wells/schema.graphql'), 'mine');
  await expect(wrapIn(folder.path, 'wells.csv')).rejects.toThrow('name another folder with --out');
  expect(readFileSync(folder.file('wells/schema.graphql'), 'utf8')).toBe('mine');
});

test.each([
  ['nothing.csv', 'nothing.csv does not exist'],
  ['ftp://somewhere/x', 'ftp: is an address that cannot be wrapped'],
  ['${NOT_SET}', 'NOT_SET is not set'],
  ['http://user:pass@127.0.0.1:1/', 'has a name or a password in it'],
  ['picture.png', 'picture.png is no file that can be wrapped'],
  ['empty.csv', 'the file is empty'],
])('%s is refused with what a source can be', async (source, message) => {
  const folder = folderWith({ 'picture.png': 'PNG', 'empty.csv': '' });
  await expect(wrapIn(folder.path, source)).rejects.toThrow(message);
});
