import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { departmentFrom } from '../../subgraphs/kit/manifest/manifest-department.ts';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { ask } from '../kit/ask.ts';
import { askEntities, temporaryFolder } from '../kit/department.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n';
const SDL = `${LINK}
type Query {
  well(no: ID!): Well
  wells(first: Int = 2, after: ID, kind: WellKind, name: String, deeper: Float): [Well!]!
  files: [DropFile!]!
}
type Well @key(fields: "no") {
  no: ID!
  name: String
  kind: WellKind
  depthM: Float
  drilledOn: String
  isPublic: Boolean
  tags: [String!]
  district: District
  samples(first: Int = 5, day: ID, since: String): [Sample!]
  newest: [Sample!]
  provenance: Provenance
}
type District @key(fields: "code", resolvable: false) { code: ID! }
type Sample @key(fields: "well day") { well: ID! day: ID! level: Int }
type DropFile { file: String! rowsKept: Int! rowsAside: Int! fault: String rejected: [Rejected!]! }
type Rejected { line: Int! reason: String! }
enum WellKind { DUG DRILLED }
type Provenance @shareable {
  source: String system: String recordId: String asOf: String fetchedAt: String method: String quality: String synthetic: Boolean licence: String
}
`;
const MANIFEST = `
department: wells
title: Water office
holds: well register
port: 4999
source:
  kind: csv
  folder: \${WELLS_DIR}
provenance: { source: Water office, system: drop folder, synthetic: false, licence: CC0-1.0, method: 'drilled by {name}' }
types:
  Well:
    from: wells*.csv
    provenance: { asOf: '{drilledOn}' }
    fields:
      no: { pattern: 'W\\d+', says: the number of a well such as W1 }
      name: Full Name
      kind: { values: { d: DUG, b: DRILLED } }
      depthM: { number: '1.234,56' }
      drilledOn: { date: DD.MM.YYYY }
      isPublic: { true: [Y], false: [N] }
      tags: { split: ',' }
      district: { one: District, by: area }
      samples:
        { many: Sample, by: well, orderBy: [day desc], first: { max: 10 }, arguments: { since: { column: day, is: atLeast } } }
      newest: { many: Sample, by: well, orderBy: [day desc] }
  Sample:
    from: samples.csv
  DropFile:
    from: $files
    fields:
      rejected: { many: Rejected, by: { file: file }, orderBy: [line] }
  Rejected:
    from: $aside
queries:
  wells:
    first: { max: 3 }
    arguments:
      name: { is: contains, pattern: '.{2,}', says: two characters or more }
      deeper: { column: depthM, is: atLeast }
  files: { orderBy: [file] }
`;
const WELLS = `no;Full Name;kind;depth_m;drilled_on;is public;tags;area
W1;Old well;d;1.012,5;31.12.1999;Y;a, b;N1
W2;New well;b;12,25;01.02.2020;N;;N1
W3;Odd well;x;deep;31.02.2020;?;;
W4;Old shaft;d;;;;;N2
;nobody;d;1,0;;;;
W4;again;d;1,0;;;;
`;

const folder = temporaryFolder();
let subgraph: RunningSubgraph;

beforeAll(async () => {
  writeFileSync(folder.file('department.yaml'), MANIFEST);
  writeFileSync(folder.file('schema.graphql'), SDL);
  writeFileSync(folder.file('wells-1.csv'), WELLS);
  writeFileSync(
    folder.file('samples.csv'),
    'well,day,level\nW1,2026-01-01,5\nW1,2026-01-02,6\nW1,2026-01-03,x\nW2,2026-01-01,1\n',
  );
  subgraph = await serve({ WELLS_DIR: folder.path });
});
afterAll(async () => {
  await subgraph.close();
  folder.close();
});

test('a list that a record leads to is narrowed by its arguments, each its own way', async () => {
  const { data, errors } = await ask(
    subgraph.url,
    `{ well(no: "W1") { one: samples(day: "2026-01-01") { day } newer: samples(since: "2026-01-02") { day }
       first: samples(first: 1, since: "2026-01-02") { day } none: samples(day: "2025-01-01") { day } } }`,
  );
  expect(errors).toBeUndefined();
  const [third, second, first] = ['2026-01-03', '2026-01-02', '2026-01-01'].map((day) => ({ day }));
  expect(data).toEqual({ well: { one: [first], newer: [third, second], first: [third], none: [] } });
});

test('a record has its columns, converted as the manifest says, and where it comes from', async () => {
  const fields = `no name kind depthM drilledOn isPublic tags district { code } samples(first: 2) { day level }
    provenance { source system recordId asOf fetchedAt method quality synthetic licence }`;
  const { data } = await ask(subgraph.url, `{ well(no: "W1") { ${fields} } }`);
  const well = data?.['well'] as { samples: unknown; provenance: { fetchedAt: string } };
  expect(well).toEqual({
    ...{ no: 'W1', name: 'Old well', kind: 'DUG', depthM: 1012.5, drilledOn: '1999-12-31', isPublic: true },
    tags: ['a', 'b'],
    district: { code: 'N1' },
    provenance: {
      ...{ source: 'Water office', system: 'drop folder', recordId: 'W1', asOf: '1999-12-31', synthetic: false },
      ...{ method: 'drilled by Old well', quality: null, licence: 'CC0-1.0' },
      fetchedAt: well.provenance.fetchedAt,
    },
    ...{
      samples: [
        { day: '2026-01-03', level: null },
        { day: '2026-01-02', level: 6 },
      ],
    },
  });
  expect(Date.now() - Date.parse(well.provenance.fetchedAt)).toBeLessThan(600_000);
});

test('values that do not fit are null with an error that names record and column, and are counted', async () => {
  const { data, errors } = await ask(subgraph.url, '{ well(no: "W3") { name kind depthM drilledOn isPublic } }');
  expect(data?.['well']).toEqual({ name: 'Odd well', kind: null, depthM: null, drilledOn: null, isPublic: null });
  const said = "The department's system gave a value that does not fit in";
  expect(errors).toMatchObject([
    { message: `${said} kind of Well W3: its column kind must be one of DUG, DRILLED.`, path: ['well', 'kind'] },
    { message: `${said} depthM of Well W3: its column depthM must be a number.` },
    { message: `${said} drilledOn of Well W3: its column drilledOn must be a text.` },
    { message: `${said} isPublic of Well W3: its column isPublic must be true or false.` },
  ]);
  expect(errors?.map(({ extensions }) => extensions)).toEqual(
    Array.from({ length: 4 }, () => ({ code: 'SYSTEM_BAD_ANSWER' })),
  );
  const stats = await (await fetch(new URL('/stats', subgraph.url))).json();
  expect(stats).toMatchObject({
    misfits: { 'Well.kind': 1, 'Well.depthM': 1, 'Well.drilledOn': 1, 'Well.isPublic': 1 },
  });
});

test('a list goes on after the last record, and is narrowed by its arguments', async () => {
  const query = `{
    two: wells { no } rest: wells(after: "W2", first: 3) { no } dug: wells(kind: DUG, first: 3) { no }
    old: wells(name: " old ", first: 3) { no } deep: wells(deeper: 12.25) { no } none: wells(kind: DRILLED, name: "shaft") { no }
  }`;
  const { data, errors } = await ask(subgraph.url, query);
  expect(errors).toBeUndefined();
  const numbers = Object.entries(data ?? {}).map(([name, wells]) => [
    name,
    ...(wells as { no: string }[]).map(({ no }) => no),
  ]);
  expect(numbers).toEqual([
    ['two', 'W1', 'W2'],
    ['rest', 'W3', 'W4'],
    ['dug', 'W1', 'W4'],
    ['old', 'W1', 'W4'],
    ['deep', 'W1', 'W2'],
    ['none'],
  ]);
});

test.each([
  ['first: 4', 'first is 4; it must be from 1 to 3.'],
  ['after: "x"', 'after is "x"; it must be the number of a well such as W1.'],
  ['name: "a"', 'name is "a"; it must be two characters or more.'],
])('wells(%s) is refused', async (argument, message) => {
  const { errors } = await ask(subgraph.url, `{ wells(${argument}) { no } }`);
  expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
});

test('entities come by their keys, also of several fields, and what is no key is null', async () => {
  const keys = [
    { __typename: 'Sample', well: 'W1', day: '2026-01-02' },
    { __typename: 'Well', no: 'W2' },
    { __typename: 'Well', no: 'nothing of the kind' },
    { __typename: 'Well', no: { of: 'an object' } },
    { __typename: 'Well' },
  ];
  const { data } = await askEntities(subgraph.url, keys, '... on Sample { level } ... on Well { name }');
  expect(data?._entities).toEqual([{ level: 6 }, { name: 'New well' }, null, null, null]);
});

test('what was put aside can be asked for', async () => {
  const { data } = await ask(subgraph.url, '{ files { file rowsKept rowsAside fault rejected { line reason } } }');
  const untaken = {
    rowsKept: 0,
    rowsAside: 0,
    fault: expect.stringContaining('no type is read from it'),
    rejected: [],
  };
  expect(data?.['files']).toEqual([
    { file: 'department.yaml', ...untaken },
    {
      file: 'samples.csv',
      rowsKept: 4,
      rowsAside: 0,
      fault: null,
      rejected: [{ line: 4, reason: expect.any(String) }],
    },
    { file: 'schema.graphql', ...untaken },
    {
      ...{ file: 'wells-1.csv', rowsKept: 4, rowsAside: 2, fault: null },
      rejected: expect.arrayContaining([
        { line: 6, reason: 'no is empty, and is the key' },
        { line: 7, reason: 'another row has the same no' },
      ]),
    },
  ]);
});

test('nobody is waited for longer than who asks has time', async () => {
  // No question is asked in no time at all.
  const answer = await new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'x-request-timeout-ms': '1' };
    const asked = request(subgraph.url, { method: 'POST', headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve(text));
    });
    asked.on('error', reject);
    asked.end(JSON.stringify({ query: '{ well(no: "W1") { name } }' }));
  });
  // A question of SQLite's is over before its time can be: both are right.
  expect(answer).toMatch(/Old well|SYSTEM_UNAVAILABLE/);
});

const FAULTS: readonly [string, (text: string) => string, RegExp][] = [
  [
    'a key that the manifest does not know',
    (text) => text.replace('title:', 'titel:'),
    /department\.yaml:3:8: titel: there is no "titel" here \(did you mean "title"\?\)/,
  ],
  ['no YAML', (text) => text.replace('title:', 'title: ['), /department\.yaml:\d+:\d+: this is not YAML/],
  [
    'a type that the SDL has not',
    (text) => text.replace('  Sample:', '  Sampel:'),
    /:\d+:\d+: the SDL has no type Sampel \(did you mean "Sample"\?\)/,
  ],
  [
    'a field that the type has not',
    (text) => text.replace('depthM: {', 'depth: {'),
    /Well has no field depth \(did you mean "depthM"\?\)/,
  ],
  [
    'a column that no file has',
    (text) => text.replace('name: Full Name', 'name: Fullname 2'),
    /wells\*\.csv has no column Fullname 2 for Well\.name \(did you mean "Full Name"\?\)/,
  ],
  [
    'a number that is no example',
    (text) => text.replace('1.234,56', '0'),
    /number must be an example of how the system writes 1234\.56/,
  ],
  [
    'a relation that leads elsewhere',
    (text) => text.replace('one: District', 'one: Distrikt'),
    /Well\.district leads to District, not to Distrikt/,
  ],
  [
    'a kind of source that is not there',
    (text) => text.replace('kind: csv', 'kind: cvs'),
    /:\d+:\d+: there is no kind of source "cvs" \(did you mean "csv"\?\)/,
  ],
  ['a setting that the source has not', (text) => text.replace('  folder:', '  quote: false\n  folder:'), /quote/],
];

test.each(FAULTS)('%s is told with its place', async (_, change, message) => {
  const own = temporaryFolder();
  try {
    writeFileSync(own.file('department.yaml'), change(MANIFEST));
    writeFileSync(own.file('schema.graphql'), SDL);
    const starting = (async () => serve({ WELLS_DIR: folder.path }, own.file('department.yaml')))();
    await expect(starting).rejects.toThrow(message);
    await expect(starting).rejects.toMatchObject({ name: 'StartError' });
  } finally {
    own.close();
  }
});

test('a field that nothing answers is told with its place in the SDL', async () => {
  const own = temporaryFolder();
  try {
    writeFileSync(own.file('department.yaml'), MANIFEST);
    writeFileSync(own.file('schema.graphql'), SDL.replace('no: ID!\n  name', 'no: ID!\n  owner: String\n  name'));
    await expect(serve({ WELLS_DIR: folder.path }, own.file('department.yaml'))).rejects.toThrow(
      /schema\.graphql:\d+:3: wells\*\.csv has no column owner for Well\.owner/,
    );
  } finally {
    own.close();
  }
});

test('a setting that is not there is named, and what it must be', async () => {
  await expect(serve({})).rejects.toThrow(
    /^WELLS_DIR is not set; it must be the path of the folder that the files land in \(.*department\.yaml:8:11\)$/,
  );
});

function serve(env: Record<string, string>, manifest = folder.file('department.yaml')): Promise<RunningSubgraph> {
  return serveDepartment(departmentFrom(pathToFileURL(manifest)), { ...env, PORT: '0' });
}
