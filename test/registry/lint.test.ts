import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { describeLint } from '../../gateway/cli/lint-text.ts';
import { resolveConfig } from '../../gateway/config/config.ts';
import { lintSchema } from '../../gateway/registry/lint/lint.ts';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';
import { buildSupergraph } from '../../gateway/supergraph/load.ts';
import { withLink } from '../kit/federation.ts';
import { makeFolder } from '../kit/folder.ts';
import { openRegistry } from './registry-kit.ts';

const LEVELS = resolveConfig({}, {}).registry.lint;
const OTHERS = `type Query { "All of them." enterprise: Enterprise }
  "A firm." type Enterprise @key(fields: "uscc") { uscc: ID! }`;

interface Options {
  before?: string;
  hasRules?: boolean;
}

function lint(sdl: string, { before, hasRules = false }: Options = {}) {
  const source = { name: 'tax', routingUrl: 'http://tax', origin: 'tax.graphql', sdl: withLink(sdl) };
  const composed = composeSubgraphs([
    source,
    { name: 'market', routingUrl: 'http://market', origin: 'market.graphql', sdl: withLink(OTHERS) },
  ]);
  if (!composed.ok) throw new Error(JSON.stringify(composed.problems));
  const api = buildSupergraph(composed.sdl).apiSchema().toGraphQLJSSchema();
  const schema = { source, before: before && withLink(before), others: [OTHERS], hasRules };
  return lintSchema(schema, api, LEVELS);
}

const ACCESS = 'directive @access(class: String!) on FIELD_DEFINITION | OBJECT';

test.each([
  ['types-have-descriptions', 'Rate', 'type Query { "r" rate: Rate } type Rate { "v" v: Int }'],
  ['fields-have-descriptions', 'Query.rate', 'type Query { rate: Int }'],
  [
    'fields-have-descriptions',
    'Filter.year',
    'type Query { "r" rate(filter: Filter): Int } "f" input Filter { year: Int }',
  ],
  ['type-names-are-pascal-case', 'tax_rate', 'type Query { "r" rate: tax_rate } "r" type tax_rate { "v" v: Int }'],
  ['field-names-are-camel-case', 'Query.tax_rate', 'type Query { "r" tax_rate: Int }'],
  ['field-names-are-camel-case', 'Query.rate.in_year', 'type Query { "r" rate(in_year: Int): Int }'],
  ['enum-values-are-upper-case', 'Kind.income', 'type Query { "k" kind: Kind } "k" enum Kind { VAT income }'],
  ['deprecations-have-reasons', 'Query.rate', 'type Query { "r" rate: Int @deprecated }'],
  ['root-lists-are-bounded', 'Query.rates', 'type Query { "r" rates(year: Int): [Int!]! }'],
  [
    'entities-have-resolvable-keys',
    'Payer',
    'type Query { "p" payer: Payer } "p" type Payer @key(fields: "id", resolvable: false) { id: ID! "n" name: String }',
  ],
  [
    'contributed-fields-are-nullable',
    'Enterprise.arrears',
    'type Query { "r" rate: Int } type Enterprise @key(fields: "uscc") { uscc: ID! "a" arrears: Int! }',
  ],
] as const)('%s: %s', (rule, coordinate, sdl) => {
  expect(lint(sdl)).toEqual([expect.objectContaining({ rule, coordinate, level: 'warn', isNew: true })]);
});

test('where a department has rules, fields say of which class they are', () => {
  const sdl = `${ACCESS} type Query { "p" payer: Payer }
    "p" type Payer @key(fields: "id") { id: ID! "n" name: String "d" debt: Int @access(class: "debts") "s" self: Payer }`;
  expect(lint(sdl)).toEqual([]);
  expect(lint(sdl, { hasRules: true })).toMatchObject([
    { rule: 'fields-have-access-classes', coordinate: 'Payer.name' },
  ]);
});

test.each([
  ['first', 'type Query { "r" rates(first: Int = 20): [Int!]! }'],
  ['what is asked for', 'type Query { "r" rates(years: [Int!]!): [Int] }'],
  [
    'a description of another department',
    'type Query { "e" firm: Enterprise } type Enterprise @key(fields: "uscc") { uscc: ID! }',
  ],
  [
    'fields of others',
    'type Query { "r" rate: Int } type Enterprise @key(fields: "uscc") { uscc: ID! @external "a" arrears: Int }',
  ],
])('nothing is said against a schema with %s', (_what, sdl) => {
  expect(lint(sdl)).toEqual([]);
});

test('what stood there before is told apart, unless it was touched', () => {
  const before = 'type Query { rate: Int old(year: Int): Int }';
  const found = lint('type Query { rate: Int old(year: Int!): Int more: Int }', { before });
  expect(found.map(({ coordinate, isNew }) => [coordinate, isNew])).toEqual([
    ['Query.old', true],
    ['Query.more', true],
    ['Query.rate', false],
  ]);
  const text = stripVTControlCharacters(describeLint(found).join('\n'));
  expect(text).toContain('(tax) Nothing says what Query.old is.');
  expect(text).toContain('To do: Say it in a');
  expect(text).toContain('lint: 1 finding of before');
});

test('what a registry takes for an error is not published, and may stay where it stood', async () => {
  await using open = new AsyncDisposableStack();
  const folder = open.adopt(await makeFolder('switchyard-lint-'), (each) => each.remove());
  const settings = { 'field-names-are-camel-case': 'error', 'fields-have-descriptions': 'off' } as const;
  const lenient = await openRegistry(folder.path);
  expect(await lenient.publish('tax', 'tax', 'type Query { old_rate: Int }')).toMatchObject({
    ok: true,
    lint: [
      { rule: 'fields-have-descriptions', level: 'warn' },
      {
        rule: 'field-names-are-camel-case',
        place: { department: 'tax', origin: 'tax.graphql', line: expect.any(Number) as number },
      },
    ],
  });
  await lenient.close();
  const strict = open.adopt(await openRegistry(folder.path, { lint: settings }), (each) => each.close());
  expect(await strict.publish('tax', 'tax', 'type Query { old_rate: Int new_rate: Int }')).toMatchObject({
    ok: false,
    lint: [
      { coordinate: 'Query.new_rate', level: 'error', isNew: true },
      { coordinate: 'Query.old_rate', level: 'error', isNew: false },
    ],
  });
  expect(await strict.publish('tax', 'tax', 'type Query { old_rate: Int newRate: Int }')).toMatchObject({ ok: true });
});
