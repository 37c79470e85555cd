import { writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { ApolloGateway, IntrospectAndCompose } from '@apollo/gateway';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { departmentFrom } from '../../subgraphs/kit/manifest/manifest-department.ts';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { ask } from '../kit/ask.ts';
import { temporaryFolder } from '../kit/department.ts';
import { LINK } from '../kit/federation.ts';
import { openDesk, type Desk } from './city-desk.ts';

const folder = temporaryFolder();
const wells = folder.file('wells.yaml');
const districts = folder.file('districts.yaml');
const subgraphs: RunningSubgraph[] = [];
let desk: Desk;

beforeAll(async () => {
  writeFileSync(
    folder.file('wells.csv'),
    'no;depth;area\nW1;12,5;N\nW2;8,0;S\nW3;3,25;N\n' +
      Array.from({ length: 50 }, (_, at) => `X${at};1,0;Z\n`).join(''),
  );
  writeFileSync(
    folder.file('wells.graphql'),
    `${LINK}
    type Query { wells(first: Int = 10, after: ID): [Well!]! }
    type Well @key(fields: "no") { no: ID! depth: Float area: String district: District }
    type District @key(fields: "code") { code: ID! wells(first: Int = 10): [Well!] }`,
  );
  writeFileSync(
    wells,
    `
department: wells
port: 0
schema: wells.graphql
source: { kind: csv, folder: '${folder.path}' }
types:
  Well:
    from: wells.csv
    fields:
      depth: { number: '1234,56' }
      district: { one: District, by: area }
  District: { fields: { wells: { many: Well, by: area } } }
`,
  );
  const database = new DatabaseSync(folder.file('districts.sqlite'));
  database.exec(
    `CREATE TABLE district (code TEXT PRIMARY KEY, district_name TEXT); INSERT INTO district VALUES ('N', 'North'), ('S', 'South')`,
  );
  database.close();
  writeFileSync(
    folder.file('districts.graphql'),
    `${LINK} type Query { district(code: ID!): District } type District @key(fields: "code") { code: ID! districtName: String }`,
  );
  writeFileSync(
    districts,
    `
department: districts
port: 0
schema: districts.graphql
source: { kind: sqlite, file: districts.sqlite }
types: { District: { from: district } }
`,
  );
  for (const file of [wells, districts]) subgraphs.push(await serveDepartment(departmentFrom(pathToFileURL(file)), {}));
  const [first, second] = subgraphs as [RunningSubgraph, RunningSubgraph];
  const list = [
    { name: 'wells', url: first.url },
    { name: 'districts', url: second.url },
  ];
  desk = await openDesk(new ApolloGateway({ supergraphSdl: new IntrospectAndCompose({ subgraphs: list }) }));
});

afterAll(async () => {
  await desk.close();
  await Promise.all(subgraphs.map((subgraph) => subgraph.close()));
  folder.close();
});

test("departments by manifest are joined by Apollo's gateway as they are", async () => {
  const { body } = await desk.ask(
    '{ wells(first: 2) { no depth district { districtName } } district(code: "N") { districtName wells { no } } }',
  );
  expect(body).toEqual({
    data: {
      wells: [
        { no: 'W1', depth: 12.5, district: { districtName: 'North' } },
        { no: 'W2', depth: 8, district: { districtName: 'South' } },
      ],
      district: { districtName: 'North', wells: [{ no: 'W1' }, { no: 'W3' }] },
    },
  });
});

test('lists in lists that come to more records than an answer may have are refused', async () => {
  const circle = 'district { wells(first: 30) { ';
  const query = `{ wells(first: 30, after: "W3") { ${circle.repeat(3)} no ${'} }'.repeat(3)} } }`;
  const { data, errors } = await ask(subgraphs[0]!.url, query);
  expect(data).toBeUndefined();
  const refused = {
    message: expect.stringContaining('more than 25000 records'),
    extensions: { code: 'BAD_USER_INPUT' },
  };
  expect(errors).toMatchObject([refused]);
});
