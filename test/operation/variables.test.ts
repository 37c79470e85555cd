import fc from 'fast-check';
import { buildSchema, getVariableValues, parse, type OperationDefinitionNode } from 'graphql';
import { expect, test } from 'vitest';
import { variableCoercion } from '../../gateway/operation/variables.ts';

const schema = buildSchema(`
  type Query { a(int: Int, float: Float, text: String, id: ID, flag: Boolean, list: [Int!], point: Point, day: Day): Int }
  input Point { x: Int! y: Int = 1 }
  scalar Day`);

const TYPES = ['Int', 'Int!', 'Float!', 'String', 'String!', 'ID!', 'Boolean!', '[Int!]', 'Point', 'Day!'];
const NAMES = ['a', 'toString', '__proto__'];
const VALUES = fc.oneof(
  fc.integer(),
  fc.constantFrom(2 ** 31, -(2 ** 31), 1.5, Infinity, null, undefined, '', '1', true, [1], { x: 1 }),
  fc.string(),
);

test('values come out as graphql-js coerces them, and what it refuses is refused in its words', () => {
  const definition = fc.record({
    type: fc.constantFrom(...TYPES),
    hasDefault: fc.boolean(),
    value: fc.option(VALUES, { nil: undefined }),
  });
  const seen = { good: 0, refused: 0 };
  fc.assert(
    fc.property(fc.array(definition, { minLength: 1, maxLength: NAMES.length }), (drafts) => {
      const declared = drafts.map(({ type, hasDefault }, index) => {
        return `$${NAMES[index]}: ${type}${hasDefault && type === 'Int' ? ' = 7' : ''}`;
      });
      const [operation] = parse(`query (${declared.join(', ')}) { a }`).definitions as [OperationDefinitionNode];
      const given = drafts.flatMap(({ value }, index) =>
        value === undefined ? [] : [[NAMES[index]!, value] as const],
      );
      const inputs = Object.fromEntries(given);
      const expected = getVariableValues(schema, operation.variableDefinitions!, inputs);
      const outcome = variableCoercion(operation.variableDefinitions!, schema)(inputs);
      seen[outcome.ok ? 'good' : 'refused'] += 1;
      if (outcome.ok) expect(outcome.values).toEqual(expected.coerced);
      else expect(outcome.errors.map(({ message }) => message)).toEqual(expected.errors?.map(({ message }) => message));
      expect(outcome.ok).toBe(expected.errors === undefined);
    }),
    { numRuns: 2_000 },
  );
  expect(Math.min(seen.good, seen.refused)).toBeGreaterThan(100);
});
