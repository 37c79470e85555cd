import { expect, test } from 'vitest';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';

const DIRECTIVES = '["@key", "@shareable", "@external", "@requires", "@override", "@inaccessible"]';
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${DIRECTIVES})\n`;
const PAYER = 'type Query { payer: Payer }\ntype Payer @key(fields: "id") {\n  id: ID!\n  name: String\n}';

interface Said {
  code: string;
  tax: string;
  market: string;
  /** `department:line` */
  places: string[];
  message: RegExp;
  advice: RegExp;
}

const ERRORS: Record<string, Said> = {
  'a field of two departments that is not shared': {
    code: 'INVALID_FIELD_SHARING',
    tax: PAYER,
    market: 'type Payer @key(fields: "id") {\n  id: ID!\n  name: String\n}',
    places: ['tax:5', 'market:4'],
    message: /Payer.name is given by market and tax, .* marks it @shareable: that is missing in all of them/,
    advice: /Mark the field @shareable/,
  },
  'a name for two kinds of type': {
    code: 'TYPE_KIND_MISMATCH',
    tax: 'type Query { rate: Rate }\ntype Rate { v: Int }',
    market: 'type Query { kind: Rate }\nenum Rate { LOW }',
    places: ['market:3', 'tax:3'],
    message: /"Rate" .* Enum Type in subgraph "market" but Object Type in subgraph "tax"/,
    advice: /rename the type/,
  },
  'an argument of two types': {
    code: 'FIELD_ARGUMENT_TYPE_MISMATCH',
    tax: 'type Query {\n payer(id: ID!): Int @shareable }',
    market: 'type Query {\n payer(id: String!): Int @shareable }',
    places: ['market:3', 'tax:3'],
    message: /"Query.payer\(id:\)"/,
    advice: /the same type in every subgraph/,
  },
  'an argument that one department needs, and the other does not have': {
    code: 'REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH',
    tax: 'type Query {\n payer(id: ID!): Int @shareable }',
    market: 'type Query {\n payer: Int @shareable }',
    places: ['tax:3', 'market:3'],
    message: /required in subgraph "tax" but does not appear in subgraph "market"/,
    advice: /Add the required argument/,
  },
  'a field of two types': {
    code: 'FIELD_TYPE_MISMATCH',
    tax: 'type Query {\n rate: Int @shareable }',
    market: 'type Query {\n rate: String @shareable }',
    places: ['market:3', 'tax:3'],
    message: /"Query.rate"/,
    advice: /the same type in every subgraph/,
  },
  'values of an enum that one department does not know': {
    code: 'ENUM_VALUE_MISMATCH',
    tax: 'type Query { a(k: Kind): Kind }\nenum Kind { A B }',
    market: 'type Query { b: Kind }\nenum Kind { A }',
    // Where it is defined, and where it is used both ways.
    places: ['market:3', 'tax:3', 'tax:2', 'market:2'],
    message: /Enum Kind is filled in and answered, and its value B is known to tax but not to market\./,
    advice: /the same values in every subgraph/,
  },
  'a type that nobody can be asked for by a key': {
    code: 'SATISFIABILITY_ERROR',
    tax: 'type Query { payer: Payer }\ntype Payer {\n id: ID! @shareable }',
    market: 'type Payer {\n id: ID! @shareable\n debt: Int\n fines: Int }',
    places: ['market:4', 'market:5', 'tax:3'],
    message: /come to Payer by tax could ask for Payer.debt, Payer.fines, .* Payer has no @key in market\./,
    advice: /Give Payer in market a @key of fields that tax gives/,
  },
  'a key that one department does not have': {
    code: 'SATISFIABILITY_ERROR',
    tax: 'type Query { payer: Payer }\ntype Payer {\n id: ID! }',
    market: 'type Payer @key(fields: "no") {\n no: ID!\n debt: Int }',
    places: ['market:3', 'market:4', 'tax:3'],
    message: /market is asked by "no" of Payer, which tax does not give/,
    advice: /Have tax give "no" of Payer/,
  },
  'a key that may not be asked by': {
    code: 'SATISFIABILITY_ERROR',
    tax: PAYER,
    market: 'type Payer @key(fields: "id", resolvable: false) {\n id: ID!\n debt: Int }',
    places: ['market:4', 'tax:3'],
    message: /no @key of Payer in market is resolvable/,
    advice: /take out "resolvable: false"/,
  },
  'a key of a field that there is not': {
    code: 'KEY_INVALID_FIELDS',
    tax: 'type Query { payer: Payer }\ntype Payer @key(fields: "no") {\n id: ID! }',
    market: 'type Query { x: Int }',
    places: ['tax:3', 'tax:3'],
    message: /@key\(fields: "no"\)/,
    advice: /correct its `fields`/,
  },
  'an external field that nothing uses': {
    code: 'EXTERNAL_UNUSED',
    tax: PAYER,
    market: 'type Payer @key(fields: "id") {\n id: ID!\n name: String @external }',
    places: ['market:4'],
    message: /"Payer.name" is marked @external but is not used/,
    advice: /drop @external or the field/,
  },
  'a requirement that is misspelt': {
    code: 'REQUIRES_INVALID_FIELDS',
    tax: PAYER,
    market: 'type Payer @key(fields: "id") {\n id: ID!\n l: Int @requires(fields: "nmae") }',
    places: ['market:4', 'market:2'],
    message: /Cannot query field "nmae"/,
    advice: /correct its name, or declare the field here with @external/,
  },
  'an override of nobody': {
    code: 'INVALID_FIELD_SHARING',
    tax: PAYER,
    market: 'type Payer @key(fields: "id") {\n id: ID!\n name: String @override(from: "taxx") }',
    places: ['tax:5', 'market:4'],
    message: /@override in market is to take it over, and names a department that there is not/,
    advice: /There are: tax, market\./,
  },
  'an override of itself': {
    code: 'OVERRIDE_FROM_SELF_ERROR',
    tax: PAYER,
    market: 'type Payer @key(fields: "id") {\n id: ID!\n more: String @override(from: "market") }',
    places: ['market:4'],
    message: /"market" are the same/,
    advice: /name the subgraph that the field moves away from/,
  },
  'a field of an input that one department needs, and the other does not have': {
    code: 'REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH',
    tax: 'type Query { a(f: Filter): Int }\ninput Filter {\n year: Int! court: String }',
    market: 'type Query { b(f: Filter): Int }\ninput Filter {\n court: String }',
    places: ['tax:4', 'market:3'],
    message: /"Filter.year" is required/,
    advice: /Add the field to the input type/,
  },
  'a directive that is not imported': {
    code: 'INVALID_GRAPHQL',
    tax: 'type Query { a: Int @provides(fields: "x") }',
    market: 'type Query { b: Int }',
    places: ['tax:2'],
    message: /Unknown directive "@provides"/,
    advice: /import it.*"@provides"/,
  },
  'a type of another department that is not named by its key': {
    code: 'INVALID_GRAPHQL',
    tax: PAYER,
    market: 'type Query { b: Payer }',
    places: ['market:2'],
    message: /Unknown type "?Payer/,
    advice: /type Payer @key\(fields: "id", resolvable: false\)/,
  },
};

test.each(Object.entries(ERRORS))('%s: who, where, what, and what to do', (_name, { tax, market, ...said }) => {
  const composed = composeSubgraphs([
    { name: 'tax', routingUrl: 'http://tax', origin: 'tax.graphql', sdl: LINK + tax },
    { name: 'market', routingUrl: 'http://market', origin: 'market.graphql', sdl: LINK + market },
  ]);
  if (composed.ok) throw new Error('It composes.');
  const { code, places, message, advice } = composed.problems[0]!;
  expect(code).toBe(said.code);
  expect(places.map(({ department, line }) => `${department}:${line}`)).toEqual(said.places);
  expect(places.every(({ department, origin }) => origin === `${department}.graphql`)).toBe(true);
  expect(message).toMatch(said.message);
  expect(advice).toMatch(said.advice);
});
