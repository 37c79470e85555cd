import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CATALOGUE_SDL, CATALOGUE_URL } from '../../gateway/catalogue/sdl.ts';
import { ask, askWith, type Answer } from '../kit/ask.ts';
import { makeFolder, type TestFolder } from '../kit/folder.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';

const INDICATORS = [
  {
    code: 'power-use',
    name: 'Electricity consumption',
    otherNames: ['用电量'],
    definition: 'Used in a year.',
    unit: 'kWh',
  },
  {
    code: 'gas-use',
    name: 'Gas consumption',
    otherNames: ['天然气消费量'],
    definition: 'Burnt in a year.',
    unit: 'm³',
  },
].map((each) => ({ ...each, owner: { code: 'energy', title: 'Energy', otherNames: ['电力和能源'] } }));

const TAX = `
  directive @department(title: String, licence: String, contact: String) on SCHEMA
  extend schema @department(title: "Tax bureau", licence: "CC BY 4.0", contact: "data@tax.example")
  directive @access(class: String!) on FIELD_DEFINITION
  directive @cacheControl(maxAge: Int) on FIELD_DEFINITION | OBJECT
  "Who pays taxes in the city."
  type Taxpayer @key(fields: "id") {
    id: ID!
    "What is owed, in yuan."
    arrears: Float @access(class: "amounts") @cacheControl(maxAge: 60)
    old: Int @deprecated(reason: "Ask for arrears.")
    hidden: Int @inaccessible
  }
  type Query { taxpayer(id: ID!): Taxpayer }`;
const REGISTER = `
  type Query { indicators(first: Int = 50, after: ID): [Indicator!]! }
  type Indicator @key(fields: "code") { code: ID! name: String! otherNames: [String!]! definition: String! unit: String! owner: Owner! }
  type Owner { code: ID! title: String! otherNames: [String!]! }`;
const RULES = `department: tax
rules:
  - { id: tax-open, text: Who pays is public., outcome: ALLOW, classes: unclassified }
  - { id: tax-inspectors, text: Inspectors see amounts., outcome: ALLOW, classes: amounts, when: { identity.roles: inspector } }
  - { id: tax-closed, text: Amounts are for inspectors., outcome: DENY, classes: amounts, needs: the role of an inspector }
`;
const OPEN = (department: string): string =>
  `department: ${department}\nrules:\n  - { id: ${department}-open, text: Open., outcome: ALLOW, classes: unclassified }\n`;

let folder: TestFolder;
let federation: ServedFederation;
beforeAll(async () => {
  folder = await makeFolder('switchyard-catalogue-');
  await writeFile(join(folder.path, 'tax.yaml'), RULES);
  for (const name of ['register', 'graph-catalogue']) await writeFile(join(folder.path, `${name}.yaml`), OPEN(name));
  federation = await serveFederation(
    {
      tax: { sdl: TAX, resolvers: { Query: { taxpayer: () => ({ id: '1' }) } } },
      register: {
        sdl: REGISTER,
        resolvers: {
          Query: {
            // A page at a time, as it is asked.
            indicators: (_: unknown, { after }: { after?: string }) =>
              INDICATORS.slice(after === undefined ? 0 : INDICATORS.findIndex(({ code }) => code === after) + 1),
          },
        },
      },
      'graph-catalogue': { sdl: CATALOGUE_SDL.trim(), routingUrl: CATALOGUE_URL },
    },
    {
      authorisation: { rules: folder.path },
      explain: { secret: 'secret' },
      identity: {
        apiKeys: [{ name: 'li', roles: ['inspector'], sha256: createHash('sha256').update('li').digest('hex') }],
      },
    },
  );
});
afterAll(async () => {
  await federation.close();
  await folder.remove();
});

async function search(text: string, more = ''): Promise<{ kind: string; name: string }[]> {
  const query = `query ($text: String!) { catalogue { search(text: $text ${more}) { kind name } } }`;
  const { data, errors } = await ask(federation.url, query, { text });
  expect(errors).toBeUndefined();
  return (data as { catalogue: { search: { kind: string; name: string }[] } }).catalogue.search;
}

describe('what the graph holds', () => {
  test.each([
    ['electricity', 'INDICATOR', 'power-use'],
    ['电力', 'INDICATOR', 'power-use'],
    ['用电', 'INDICATOR', 'power-use'],
    ['天然气', 'INDICATOR', 'gas-use'],
    ['arrears', 'FIELD', 'Taxpayer.arrears'],
    ['owed yuan', 'FIELD', 'Taxpayer.arrears'],
    ['who pays', 'TYPE', 'Taxpayer'],
    ['electricty consumtion', 'INDICATOR', 'power-use'],
    ['tax', 'DEPARTMENT', 'tax'],
  ])('is found by "%s"', async (text, kind, name) => {
    expect(await search(text)).toContainEqual({ kind, name });
  });

  test('is found only where there is such, of the kinds that are wanted, and no more than that', async () => {
    expect(await search('天然气')).not.toContainEqual({ kind: 'INDICATOR', name: 'power-use' });
    expect(await search('consumption', 'kinds: [FIELD]')).toEqual([]);
    expect(await search('consumption', 'first: 1')).toHaveLength(1);
    expect(await search('quaternion')).toEqual([]);
  });

  test('tells who a department is, whom to ask there, and under which terms what it gives may be used on', async () => {
    const query = `{ catalogue { departments { name title contact licences }
      field: entry(kind: FIELD, name: "Taxpayer.arrears") { licences contact }
      indicator: entry(kind: INDICATOR, name: "power-use") { licences } } }`;
    const { data } = await ask(federation.url, query);
    const nothing = { title: null, contact: null, licences: [] };
    expect(data).toEqual({
      catalogue: {
        departments: [
          { name: 'graph-catalogue', ...nothing },
          { name: 'register', ...nothing },
          { name: 'tax', title: 'Tax bureau', contact: 'data@tax.example', licences: ['CC BY 4.0'] },
        ],
        field: { licences: ['CC BY 4.0'], contact: null },
        indicator: { licences: [] },
      },
    });
    expect(await search('bureau')).toContainEqual({ kind: 'DEPARTMENT', name: 'tax' });
  });

  test('tells of an entry what its department says of it', async () => {
    const fields =
      'kind name description departments keys type unit maxAgeSeconds deprecationReason accessClasses title';
    const entry = (kind: string, name: string): string => `entry(kind: ${kind}, name: "${name}") { ${fields} }`;
    const { data } = await ask(
      federation.url,
      `{ catalogue { field: ${entry('FIELD', 'Taxpayer.arrears')} type: ${entry('TYPE', 'Taxpayer')}
           old: ${entry('FIELD', 'Taxpayer.old')} indicator: ${entry('INDICATOR', 'power-use')}
           hidden: ${entry('FIELD', 'Taxpayer.hidden')} gaps } }`,
    );
    expect(data).toMatchObject({
      catalogue: {
        field: {
          description: 'What is owed, in yuan.',
          departments: ['tax'],
          type: 'Float',
          maxAgeSeconds: 60,
          accessClasses: ['amounts'],
        },
        type: { keys: ['id'], departments: ['tax'] },
        old: { deprecationReason: 'Ask for arrears.' },
        indicator: { title: 'Electricity consumption', unit: 'kWh', departments: ['energy'] },
        hidden: null,
        gaps: [],
      },
    });
  });

  test('shows who asks whether they may see a field, and whom to ask', async () => {
    const query = `{ catalogue { entry(kind: FIELD, name: "Taxpayer.arrears") { access { outcome rule department needs dependsOnRecord } } } }`;
    const access = async (headers: Record<string, string>): Promise<unknown> => {
      const { data } = await askWith(headers, federation.url, query);
      return (data as { catalogue: { entry: { access: unknown } } }).catalogue.entry.access;
    };
    expect(await access({})).toEqual({
      outcome: 'DENY',
      rule: 'tax-closed',
      department: 'tax',
      needs: 'the role of an inspector',
      dependsOnRecord: false,
    });
    expect(await access({ 'x-api-key': 'li' })).toMatchObject({ outcome: 'ALLOW', rule: 'tax-inspectors' });
  });

  test('counts how often a field is asked for', async () => {
    const query = '{ catalogue { entry(kind: FIELD, name: "Query.taxpayer") { requests } } }';
    const count = async (): Promise<number> => {
      const { data } = await ask(federation.url, query);
      return (data as { catalogue: { entry: { requests: number } } }).catalogue.entry.requests;
    };
    const before = await count();
    await ask(federation.url, '{ taxpayer(id: "1") { id } }');
    expect(await count()).toBe(before + 1);
  });

  test.each([0, 101])('is not searched for %d entries', async (first) => {
    const answer: Answer = await ask(federation.url, `{ catalogue { search(text: "a", first: ${first}) { name } } }`);
    expect(answer.errors).toMatchObject([{ message: expect.stringContaining('1 to 100') as string }]);
  });
});

test('the schema of the reference deployment has the catalogue as it is served', async () => {
  expect(print(parse(await readFile('schema/graph-catalogue.graphql', 'utf8')))).toBe(print(parse(CATALOGUE_SDL)));
});
