import { buildSchema, parse, type OperationDefinitionNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { AnswerError } from '../../gateway/errors.ts';
import { assignDataKeys } from '../../gateway/operation/data-keys.ts';
import { FULL_ACCESS } from '../../gateway/operation/field-access.ts';
import { compileProjection } from '../../gateway/project/compile.ts';

const schema = buildSchema(`
  type Query { a: A strict: A! list: [A!] lists: [[Int!]!] leaves: Leaves named: Named color: Color any: Any }
  type A { name: String must: String! child: A children: [A] }
  type Leaves { int: Int float: Float string: String boolean: Boolean id: ID }
  interface Named { name: String }
  type Cat implements Named { name: String lives: Int }
  type Dog implements Named { name: String tricks: [String!] }
  enum Color { RED GREEN }
  scalar Any
`);

function project(query: string, data: Record<string, unknown>, errors: AnswerError[] = []) {
  const document = parse(query);
  const operation = document.definitions[0] as OperationDefinitionNode;
  const dataKeys = assignDataKeys(document, { apiSchema: schema, fieldSetNames: new Set() });
  const compiled = compileProjection(operation, {
    schema,
    fragments: new Map(),
    variables: {},
    dataKeys,
    access: FULL_ACCESS,
  });
  return compiled({ data, errors });
}

describe('null where the schema promises a value', () => {
  test('makes the nearest nullable field above it null, with the path of where it was', () => {
    const { data, errors } = project('{ a { name child { must } } }', { a: { name: 'x', child: {} } });
    expect(data).toEqual({ a: { name: 'x', child: null } });
    expect(errors).toEqual([
      {
        message: expect.stringContaining('Cannot return null for non-nullable field A.must.') as string,
        path: ['a', 'child', 'must'],
        extensions: { code: 'INVALID_VALUE' },
      },
    ]);
  });

  test('makes the whole answer null where nothing above it may be null', () => {
    expect(project('{ strict { must } a { name } }', { strict: { must: null }, a: { name: 'x' } }).data).toBeNull();
  });

  test('makes a list null whose items may not be null, and leaves one alone whose items may', () => {
    expect(project('{ list { must } }', { list: [{ must: 'x' }, {}] }).data).toEqual({ list: null });
    expect(project('{ a { children { must } } }', { a: { children: [{ must: 'x' }, {}] } }).data).toEqual({
      a: { children: [{ must: 'x' }, null] },
    });
    expect(project('{ lists }', { lists: [[1], [2, null]] }).data).toEqual({ lists: null });
  });

  test('adds no error of its own where a department’s error already explains it', () => {
    const known: AnswerError = { message: 'down', path: ['a', 'child'], extensions: { code: 'SUBREQUEST_TIMEOUT' } };
    const { data, errors } = project('{ a { child { must } } }', { a: { child: {} } }, [known]);
    expect(data).toEqual({ a: { child: null } });
    expect(errors).toEqual([known]);
  });
});

describe('a value that its type forbids is null with an error', () => {
  test.each([
    ['int', 1.5],
    ['int', 2 ** 31],
    ['int', '1'],
    ['float', '1.5'],
    ['string', 5],
    ['boolean', 1],
    ['id', 1.5],
    ['id', {}],
    ['string', ['x']],
  ])('%s given %j', (field, value) => {
    const { data, errors } = project(`{ leaves { ${field} } }`, { leaves: { [field]: value } });
    expect(data).toEqual({ leaves: { [field]: null } });
    expect(errors.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['leaves', field], 'INVALID_VALUE'],
    ]);
    expect(JSON.stringify(errors)).not.toContain(JSON.stringify(value));
  });

  test('an object where a list should be, a list where an object should be, an unknown enum value', () => {
    const { data, errors } = project('{ list { name } a { name } color }', { list: {}, a: [], color: 'BLUE' });
    expect(data).toEqual({ list: null, a: null, color: null });
    expect(errors.map(({ path }) => path)).toEqual([['list'], ['a'], ['color']]);
  });
});

describe('a value that its type allows is passed on', () => {
  test('leaves of every kind, numbers as IDs as text, custom scalars as they are', () => {
    const leaves = { int: 1, float: 1, string: '', boolean: false, id: 7 };
    const { data, errors } = project('{ leaves { int float string boolean id } any color }', {
      leaves,
      any: { deep: [1] },
      color: 'RED',
    });
    expect(data).toEqual({ leaves: { ...leaves, id: '7' }, any: { deep: [1] }, color: 'RED' });
    expect(errors).toEqual([]);
  });

  test('an abstract type shows the fields of the object it is', () => {
    const query = '{ named { __typename name ... on Cat { lives } ... on Dog { tricks } } }';
    expect(project(query, { named: { __typename: 'Dog', name: 'Rex', tricks: ['sit'], lives: 9 } }).data).toEqual({
      named: { __typename: 'Dog', name: 'Rex', tricks: ['sit'] },
    });
    const unknown = project(query, { named: { __typename: 'Fish', name: 'Wanda' } });
    expect(unknown.data).toEqual({ named: null });
    expect(unknown.errors).toHaveLength(1);
  });

  test('a response name that would change an object’s prototype is a name like any other', () => {
    const { data } = project('{ a { __proto__: name } }', { a: { name: 'x' } });
    expect(JSON.stringify(data)).toBe('{"a":{"__proto__":"x"}}');
  });
});
