import { afterEach, beforeEach, expect, test } from 'vitest';
import type { VersionHead } from '../../gateway/registry/version.ts';
import { withLink } from '../kit/federation.ts';
import { makeFolder, type TestFolder } from '../kit/folder.ts';
import { openRegistry, type TestRegistry } from './registry-kit.ts';

const TAX = `
  type Taxpayer @key(fields: "id") { id: ID! name: String @shareable arrears(year: Int): Int }
  type Query { taxpayer(id: ID!): Taxpayer }`;
const MARKET = `
  type Taxpayer @key(fields: "id") { id: ID! enterprise: String }
  type Query { enterprises: [String] }`;

let folder: TestFolder;
let registry: TestRegistry;
beforeEach(async () => {
  folder = await makeFolder('switchyard-registry-');
  registry = await openRegistry(folder.path);
});
afterEach(async () => {
  await registry.close();
  await folder.remove();
});

async function history(): Promise<VersionHead[]> {
  return (await registry.ask('tax', 'GET', 'history')).body as VersionHead[];
}

async function check(sdl: string): Promise<unknown> {
  const change = { kind: 'publish', name: 'tax', sdl: withLink(sdl), routingUrl: 'http://tax', origin: 'tax.graphql' };
  return (await registry.ask('tax', 'POST', 'checks', change)).body;
}

/** Has a gateway report that a client used a field, or more, today. */
function report(used: string | readonly string[], client: string, requests: number, tellsInputs = true) {
  const now = new Date();
  const days = { [now.toISOString().slice(0, 10)]: requests };
  const since = now.toISOString();
  const uses = [{ client, version: '2.1', requests, days }];
  const fields = Object.fromEntries([used].flat().map((coordinate) => [coordinate, uses]));
  return registry.ask('gateway', 'PUT', `usage/${client}`, { since, tellsInputs, fields });
}

test('what is published is a version, signed, with who and when; the same again is none', async () => {
  expect(await registry.publish('tax', 'tax', TAX)).toMatchObject({ ok: true, against: 0, version: 1 });
  expect(await registry.publish('market', 'market', MARKET)).toMatchObject({ ok: true, against: 1, version: 2 });
  expect(await registry.publish('market', 'market', MARKET)).toMatchObject({ ok: true, against: 2 });
  expect(await history()).toMatchObject([
    { number: 2, subgraph: 'market', by: 'market', department: 'market' },
    { number: 1, subgraph: 'tax', by: 'tax', department: 'tax', at: expect.stringMatching(/^\d{4}-.*Z$/) as string },
  ]);
});

test.each([undefined, 'nobody'])('%s is told nothing and changes nothing', async (as) => {
  for (const [method, path] of [
    ['GET', 'supergraph'],
    ['GET', 'history'],
    ['POST', 'changes'],
    ['PUT', 'usage/x'],
  ] as const)
    expect(await registry.ask(as, method, path, method === 'GET' ? undefined : {})).toMatchObject({ status: 401 });
});

test('no department reports what is used, or takes back what a gateway has reported', async () => {
  await registry.publish('tax', 'tax', TAX);
  await report('Taxpayer.arrears', 'inspector-app', 41);
  const nothing = { since: new Date().toISOString(), fields: {} };
  for (const as of ['tax', 'admin'])
    expect(await registry.ask(as, 'PUT', 'usage/inspector-app', nothing)).toMatchObject({
      status: 403,
      body: {
        errors: [
          {
            message: expect.stringContaining('needs the role registry-gateway') as string,
            extensions: { code: 'GATEWAYS_ONLY' },
          },
        ],
      },
    });
  expect(await registry.ask('tax', 'GET', 'supergraph')).toMatchObject({ status: 403 });
  expect(await registry.ask('other gateway', 'PUT', 'usage/inspector-app', nothing)).toMatchObject({ status: 204 });
  expect(await registry.publish('tax', 'tax', TAX.replace('arrears(year: Int): Int', ''))).toMatchObject({ ok: false });
});

test('a department changes its own subgraph, and nobody else changes it', async () => {
  await registry.publish('tax', 'tax', TAX);
  const change = { kind: 'publish', name: 'tax', sdl: TAX, routingUrl: 'http://evil', origin: 'x' };
  for (const wanted of [change, { kind: 'remove', name: 'tax' }, { kind: 'rollback', to: 1, name: 'tax' }])
    expect(await registry.ask('market', 'POST', 'changes', wanted)).toMatchObject({
      status: 403,
      body: { errors: [{ extensions: { code: 'NOT_YOUR_SUBGRAPH' } }] },
    });
  expect(await registry.ask('tax', 'POST', 'changes', { kind: 'rollback', to: 1 })).toMatchObject({
    status: 403,
    body: { errors: [{ extensions: { code: 'ADMINISTRATORS_ONLY' } }] },
  });
  expect(await history()).toHaveLength(1);
});

test('a field that is used is not taken away, and who uses it is named with how often; one that is not is', async () => {
  await registry.publish('tax', 'tax', TAX);
  await report('Taxpayer.arrears', 'inspector-app', 41);
  const without = TAX.replace('arrears(year: Int): Int', '');
  const refused = await registry.publish('tax', 'tax', without);
  expect(refused).toMatchObject({
    ok: false,
    changes: [
      {
        level: 'breaking',
        path: 'Taxpayer.arrears',
        usedBy: [{ client: 'inspector-app', version: '2.1', requests: 41 }],
      },
    ],
  });
  expect(await history()).toHaveLength(1);
  expect(await registry.publish('tax', 'tax', TAX.replace('name: String @shareable', ''))).toMatchObject({
    ok: true,
    version: 2,
    changes: [{ level: 'breaking', path: 'Taxpayer.name', usedBy: [] }],
  });
});

test('an argument that becomes necessary breaks who asks for the field', async () => {
  await registry.publish('tax', 'tax', TAX);
  await report('Taxpayer.arrears', 'inspector-app', 3);
  expect(await registry.publish('tax', 'tax', TAX.replace('year: Int', 'year: Int!'))).toMatchObject({
    ok: false,
    changes: [{ level: 'breaking', path: 'Taxpayer.arrears.year', usedBy: [{ requests: 3 }] }],
  });
});

const FILTERED = `
  type Query { cases(first: Int, year: Int, filter: Filter, kind: Kind): Int state: State }
  input Filter { court: String kind: Kind }
  enum Kind { CIVIL CRIMINAL }
  enum State { OPEN CLOSED }`;
const APP = ['Query.cases', 'Query.cases(first:)', 'Query.cases(filter:)', 'Filter.court', 'Filter.kind', 'Kind.CIVIL'];

test('what of arguments, enums and inputs nobody uses goes, though the field is used, and what is used stays', async () => {
  await registry.publish('tax', 'tax', FILTERED);
  await report([...APP, 'Query.state'], 'clerks', 4);
  for (const [part, otherwise, path] of [
    [', year: Int', '', undefined],
    ['first: Int, ', '', 'Query.cases.first'],
    ['year: Int', 'year: String', undefined],
    ['first: Int', 'first: String', 'Query.cases.first'],
    ['year: Int', 'year: Int!', 'Query.cases.year'],
    [' CRIMINAL', '', undefined],
    ['CIVIL ', '', 'Kind.CIVIL'],
    // Which value an answer holds is not known.
    [' CLOSED', '', 'State.CLOSED'],
    ['court: String', '', 'Filter.court'],
  ] as const) {
    const refused = { ok: false, changes: [{ level: 'breaking', path, usedBy: [{ client: 'clerks', requests: 4 }] }] };
    expect(await check(FILTERED.replace(part, otherwise))).toMatchObject(path === undefined ? { ok: true } : refused);
  }
});

test('an enum value counts as used where a variable may hold it, and where a gateway of before tells no inputs', async () => {
  await registry.publish('tax', 'tax', FILTERED);
  const without = FILTERED.replace(' CRIMINAL', '');
  await report('Query.cases', 'clerks', 4);
  expect(await check(without)).toMatchObject({ ok: true });
  await report(['Query.cases', 'Query.cases(filter:)', 'Filter'], 'clerks', 4);
  expect(await check(without)).toMatchObject({ ok: false });
  await report('Query.cases', 'clerks', 4, false);
  expect(await check(without)).toMatchObject({ ok: false });
});

test('subgraphs that are not one graph are refused with both files and lines', async () => {
  await registry.publish('tax', 'tax', TAX.replace(' @shareable', ''));
  const clash = MARKET.replace('enterprise: String', 'name: String');
  expect(await registry.publish('market', 'market', clash)).toMatchObject({
    ok: false,
    problems: [
      {
        code: 'INVALID_FIELD_SHARING',
        places: [
          { department: 'market', origin: 'market.graphql', line: 3 },
          { department: 'tax', origin: 'tax.graphql', line: 3 },
        ],
        advice: expect.stringContaining('@shareable') as string,
      },
    ],
  });
  expect(await history()).toHaveLength(1);
});

test.each([
  ['OVERRIDES_ANOTHERS_FIELD', 'arrears(year: Int): Int @override(from: "tax")'],
  ['HIDES_ANOTHERS_FIELD', 'name: String @shareable @inaccessible'],
])('what is another department\u2019s is not taken from it: %s', async (code, field) => {
  await registry.publish('tax', 'tax', TAX);
  const taking = MARKET.replace('enterprise: String', field);
  expect(await registry.publish('market', 'market', taking)).toMatchObject({
    ok: false,
    trespasses: [{ code, line: 3, message: expect.stringContaining('department tax') as string }],
  });
  expect(await registry.publish('admin', 'market', taking)).toMatchObject({ ok: true, version: 2 });
});

test('changes that come at once are all made, each held against the one before', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const reports = await Promise.all(names.map((name) => registry.publish('tax', name, `type Query { ${name}: Int }`)));
  expect(new Set(reports.map(({ version }) => version))).toEqual(new Set([1, 2, 3, 4, 5]));
  const [newest] = await history();
  expect(newest!.subgraphs.map(({ name }) => name)).toEqual(names);
});

test('two registries on one store make no two versions of one number', async () => {
  const other = await openRegistry(folder.path);
  try {
    const reports = await Promise.all(
      [registry, other].flatMap((each, at) =>
        ['a', 'b'].map((name) => each.publish('tax', `${name}${at}`, `type Query { ${name}${at}: Int }`)),
      ),
    );
    expect(new Set(reports.map(({ version }) => version))).toEqual(new Set([1, 2, 3, 4]));
    const [newest] = await history();
    expect(newest!.subgraphs).toHaveLength(4);
  } finally {
    await other.close();
  }
});

test('a subgraph goes back to what it was, and the whole graph for an administrator; each is a new version', async () => {
  await registry.publish('tax', 'tax', TAX);
  await registry.publish('market', 'market', MARKET);
  await registry.publish('tax', 'tax', TAX.replace('id: ID! name', 'id: ID! since: Int name'));
  await report('Taxpayer.since', 'app', 5);
  expect(await registry.change('tax', { kind: 'rollback', to: 1, name: 'tax' })).toMatchObject({
    ok: true,
    version: 4,
    changes: [{ path: 'Taxpayer.since', usedBy: [{ requests: 5 }] }],
  });
  expect(await registry.change('admin', { kind: 'rollback', to: 1 })).toMatchObject({ ok: true, version: 5 });
  const [newest] = await history();
  expect(newest).toMatchObject({
    number: 5,
    kind: 'rollback',
    backTo: 1,
    subgraphs: [{ name: 'tax', publishedIn: 1 }],
  });
  expect(await registry.ask('tax', 'GET', 'diff?from=3&to=4')).toMatchObject({
    status: 200,
    body: [{ level: 'breaking', path: 'Taxpayer.since' }],
  });
});

test('a subgraph that others need is not taken away', async () => {
  await registry.publish('tax', 'tax', TAX);
  await registry.publish('market', 'market', MARKET);
  await report('Query.taxpayer', 'app', 1);
  expect(await registry.change('tax', { kind: 'remove', name: 'tax' })).toMatchObject({ ok: false });
  expect(await registry.change('market', { kind: 'remove', name: 'market' })).toMatchObject({ ok: true, version: 3 });
});

test.each([
  ['no change', {}],
  ['a schema without an address', { kind: 'publish', name: 'a', sdl: 'type Query { a: Int }', origin: 'a' }],
  ['a version that is none', { kind: 'rollback', to: 0 }],
])('%s is refused, and what is wrong with it said', async (_what, body) => {
  expect(await registry.ask('tax', 'POST', 'checks', body)).toMatchObject({
    status: 400,
    body: { errors: [{ extensions: { code: 'PUBLISH_INVALID' } }] },
  });
});

const CLASSED = `directive @access(class: String!) on FIELD_DEFINITION
  type Query { rate: Int! secret: Int @access(class: "secrets") }`;
const rules = (outcome: string, id = `tax-${outcome.toLowerCase()}`): string => `department: tax
rules:
  - { id: tax-open, text: Open., outcome: ALLOW, classes: unclassified }
  - { id: ${id}, text: Secrets., outcome: ${outcome}, classes: secrets }
`;
const withRules = (text: string) =>
  ({
    kind: 'publish',
    name: 'tax',
    sdl: withLink(CLASSED),
    routingUrl: 'http://tax',
    origin: 'tax.graphql',
    rules: text,
  }) as const;

test('rules are published with their schema, stay where none come with it, and go back with it', async () => {
  const rulesNow = async (): Promise<unknown> =>
    ((await registry.ask('gateway', 'GET', 'supergraph')).body as { rules: unknown }).rules;
  expect(await registry.change('tax', withRules(rules('DENY')))).toMatchObject({ ok: true, version: 1 });
  expect(await registry.publish('tax', 'tax', `${CLASSED} extend type Query { more: Int }`)).toMatchObject({
    version: 2,
  });
  expect(await rulesNow()).toEqual([{ subgraph: 'tax', text: rules('DENY') }]);
  await report('Query.secret', 'reader', 9);
  expect(await registry.change('tax', withRules(rules('ALLOW')))).toMatchObject({
    version: 3,
    ruleChanges: [
      {
        coordinate: 'Query.secret',
        before: 'DENY by tax-deny',
        after: 'ALLOW by tax-allow',
        callers: expect.arrayContaining(['anonymous']) as string[],
        usedBy: [{ client: 'reader', requests: 9 }],
      },
    ],
  });
  expect(await registry.change('tax', { kind: 'rollback', name: 'tax', to: 2 })).toMatchObject({
    ok: true,
    version: 4,
  });
  expect(await rulesNow()).toEqual([{ subgraph: 'tax', text: rules('DENY') }]);
});

test.each([
  ['that are not rules', 'department: tax\nrules: [{ id: x }]\n', 'the rules of tax'],
  [
    'about another department',
    rules('DENY').replace('department: tax', 'department: market'),
    'are about department market',
  ],
])('rules %s are refused, and nothing moves', async (_what, text, problem) => {
  expect(await registry.change('tax', withRules(text))).toMatchObject({
    ok: false,
    ruleProblems: [expect.stringContaining(problem)],
  });
  expect(await history()).toEqual([]);
});
