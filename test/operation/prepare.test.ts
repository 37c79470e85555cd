import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../gateway/config/config.ts';
import { prepareOperation, type PreparedOperation } from '../../gateway/operation/prepare.ts';

const schema = buildSchema(
  'type Query { a: A n(x: Int!, y: [Int!] = [1]): Int } type Mutation { m: Int } type A { a: A b: Int }',
);
const { limits } = resolveConfig({}, {});

function prepare(
  query: string,
  { operationName, introspection = true }: { operationName?: string; introspection?: boolean } = {},
) {
  return prepareOperation(
    { query, operationName },
    { apiSchema: schema, fieldSetNames: new Set() },
    { limits, introspection },
  );
}

function refusal(query: string, options?: Parameters<typeof prepare>[1]) {
  const outcome = prepare(query, options);
  if (outcome.ok) throw new Error('was not refused');
  return { status: outcome.httpStatus, code: outcome.errors[0]!.extensions.code, message: outcome.errors[0]!.message };
}

describe('an operation that cannot be run is refused with a code, a status and what is wrong', () => {
  test.each([
    ['{ a { b }', 'GRAPHQL_PARSE_FAILED', /Syntax Error/],
    ['{ c }', 'GRAPHQL_VALIDATION_FAILED', /Cannot query field "c" on type "Query"/],
    ['query A { a { b } } query B { a { b } }', 'OPERATION_RESOLUTION_FAILURE', /several \(A, B\)/],
    ['fragment F on A { b }', 'OPERATION_RESOLUTION_FAILURE', /no operation/],
    ['subscription { a }', 'OPERATION_NOT_SUPPORTED', /Subscriptions/],
    ['type X { a: Int }', 'GRAPHQL_VALIDATION_FAILED', /Only operations and fragments/],
    ['{ ...F } fragment F on Query { ...F }', 'GRAPHQL_VALIDATION_FAILED', /Cannot spread fragment "F" within itself/],
  ])('%s', (query, code, message) => {
    expect(refusal(query)).toEqual({ status: 400, code, message: expect.stringMatching(message) as string });
  });

  test('a name that no operation has', () => {
    expect(refusal('query A { a { b } }', { operationName: 'Z' }).message).toContain(
      'no operation named "Z"; the text has: A',
    );
  });

  test('introspection that is switched off, without suggestions that give names away', () => {
    expect(refusal('{ __schema { types { name } } }', { introspection: false }).code).toBe('INTROSPECTION_DISABLED');
    expect(refusal('{ a { bb } }', { introspection: true }).message).toContain('Did you mean');
    expect(refusal('{ a { bb } }', { introspection: false }).message).not.toContain('Did you mean');
  });
});

describe('a bomb is refused before it costs anything', () => {
  const fragments = Array.from({ length: 40 }, (_, n) => `fragment F${n} on A { ...F${n + 1} ...F${n + 1} }`).join(' ');
  const bombs: [string, string, string][] = [
    ['deep nesting', `{ ${'a { '.repeat(200)} b ${'}'.repeat(201)}`, 'MAX_DEPTH_LIMIT'],
    [
      'nesting deeper than the parser’s stack',
      `{ ${'a { '.repeat(4_900)}`,
      'MAX_DEPTH_LIMIT|MAX_TOKENS_LIMIT|GRAPHQL_PARSE_FAILED',
    ],
    ['many aliases', `{ a { ${Array.from({ length: 300 }, (_, n) => `x${n}: b`).join(' ')} } }`, 'MAX_ALIASES_LIMIT'],
    ['many root fields', `{ ${'a { b } '.repeat(150)} }`, 'MAX_ROOT_FIELDS_LIMIT'],
    ['many tokens', `{ ${'a '.repeat(20_000)} }`, 'MAX_TOKENS_LIMIT'],
    [
      'fragments that unfold to a million million fields',
      `{ a { ...F0 } } ${fragments} fragment F40 on A { b }`,
      'MAX_FIELDS_LIMIT',
    ],
  ];
  test.each(bombs)('%s', (_name, query, code) => {
    expect(refusal(query).code).toMatch(new RegExp(`^(${code})$`));
  });
});

describe('variables', () => {
  const prepared = prepare('query ($x: Int!, $y: [Int!] = [2]) { n(x: $x, y: $y) }') as PreparedOperation;

  test('are coerced, with defaults filled in', () => {
    expect(prepared.coerceVariables({ x: 1 })).toEqual({ ok: true, values: { x: 1, y: [2] } });
  });

  test.each([
    [{}, 'Variable "$x" of required type "Int!" was not provided.'],
    [{ x: 'one' }, 'Variable "$x" got invalid value "one"; Int cannot represent non-integer value: "one"'],
  ])('that do not fit are refused: %j', (inputs, message) => {
    expect(prepared.coerceVariables(inputs)).toEqual({
      ok: false,
      httpStatus: 400,
      errors: [expect.objectContaining({ message, extensions: { code: 'BAD_USER_INPUT' } })],
    });
  });
});
