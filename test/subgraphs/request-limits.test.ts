import { buildSchema, parse, specifiedRules, validate } from 'graphql';
import { expect, test } from 'vitest';
import { requestLimits } from '../../subgraphs/kit/request-limits.ts';

const schema = buildSchema('type Query { a: A } type A { a: A n: Int }');

test.each([
  ['an operation as deep as may be', nested(30), []],
  ['a deeper one', nested(31), ['The operation is 31 fields deep; it may be 30 at most.']],
  [
    'one that is deep by its fragments',
    `{ a { ...F0 } } ${Array.from({ length: 40 }, (_, at) => `fragment F${at} on A { a { ${at < 39 ? `...F${at + 1}` : 'n'} } }`).join(' ')}`,
    ['The operation is 42 fields deep; it may be 30 at most.'],
  ],
  [
    'a few fragments that come to more fields than there are',
    `{ a { ...F0 } } ${Array.from({ length: 25 }, (_, at) => `fragment F${at} on A { ${at < 24 ? `...F${at + 1} ...F${at + 1}` : 'n x: n'} }`).join(' ')}`,
    ['The operation has more than 10000 fields.'],
  ],
])('%s is judged', (_, text, messages) => {
  const errors = validate(schema, parse(text), [...specifiedRules, requestLimits]);
  expect(errors.map(({ message }) => message)).toEqual(messages);
});

test('fragments in a circle end', () => {
  const circle = parse('{ a { ...F } } fragment F on A { a { ...G } } fragment G on A { a { ...F } }');
  expect(validate(schema, circle, [requestLimits])).toEqual([]);
  expect(validate(schema, circle, [...specifiedRules, requestLimits]).length).toBeGreaterThan(0);
});

function nested(depth: number): string {
  return `${'{ a '.repeat(depth - 1)}{ n }${' }'.repeat(depth - 1)}`;
}
