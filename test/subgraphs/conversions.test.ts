import { expect, test } from 'vitest';
import { conversionOf } from '../../subgraphs/kit/manifest/conversions.ts';
import { Misfit } from '../../subgraphs/kit/misfit.ts';
import type { FieldMapping } from '../../subgraphs/kit/manifest/manifest.ts';

const read = (mapping: FieldMapping, value: string | number | boolean): unknown => {
  const result = conversionOf(mapping)!.read(value);
  return result instanceof Misfit ? `must be ${result.mustBe}` : result;
};

test.each<[FieldMapping, string | number, unknown]>([
  [{ number: '1234,56' }, ' 12,5 ', 12.5],
  [{ number: '1234,56' }, '-0,5', -0.5],
  [{ number: '1234,56' }, '1.234,5', 'must be a number such as 1234,56'],
  [{ number: '1234,56' }, '12.5', 'must be a number such as 1234,56'],
  [{ number: '1234,56' }, '', null],
  [{ number: '1234,56' }, 7, 7],
  [{ number: '1.234,56' }, '1.234.567,8', 1_234_567.8],
  [{ number: '1.234,56' }, '1234567', 1_234_567],
  [{ number: '1.234,56' }, '1.23,4', 'must be a number such as 1.234,56'],
  [{ number: '1 234,56' }, '1\u00a0234,5', 1234.5],
  [{ number: "1'234.56" }, "1'234", 1234],
  [{ number: '1,234.56' }, '1e3', 'must be a number such as 1,234.56'],
  [{ date: 'DD.MM.YYYY' }, '31.12.2025', '2025-12-31'],
  [{ date: 'DD.MM.YYYY' }, '29.02.2024', '2024-02-29'],
  [{ date: 'DD.MM.YYYY' }, '29.02.2025', 'must be a time such as DD.MM.YYYY'],
  [{ date: 'DD.MM.YYYY' }, '1.1.2025', 'must be a time such as DD.MM.YYYY'],
  [{ date: 'YYYYMM' }, '202512', '2025-12'],
  [{ date: 'YYYYMM' }, '202513', 'must be a time such as YYYYMM'],
  [{ date: 'YYYY' }, '1999', '1999'],
  [{ date: 'MM/DD/YYYY HH:mm' }, '12/31/2025 23:59', '2025-12-31T23:59'],
  [{ true: 'Y', false: ['N', ''] }, 'Y', true],
  [{ true: 'Y', false: 'N' }, 'N', false],
  [{ true: 'Y', false: 'N' }, '?', 'must be one of Y, N'],
  [{ true: 1 }, 0, false],
  [{ values: { d: 'DUG', b: 'DRILLED' } }, 'b', 'DRILLED'],
  [{ values: { d: 'DUG' } }, 'toString', 'must be one of d'],
  [{ trim: true }, '  a b ', 'a b'],
  [{ trim: true }, '   ', null],
])('%j reads %j as %j', (mapping, value, expected) => {
  expect(read(mapping, value)).toBe(expected);
});

test.each<[FieldMapping, RegExp]>([
  [{ number: '1,5' }, /number must be an example/],
  [{ number: '1.234.56' }, /number must be an example/],
  [{ date: 'DD.YYYY' }, /date must be of YYYY, MM/],
  [{ date: 'YYYY-YYYY' }, /date must be of YYYY, MM/],
  [{ date: 'yesterday' }, /date must be of YYYY, MM/],
  [{ true: 'Y', false: 'Y' }, /cannot stand for true and for false/],
  [{ number: '1234,56', date: 'YYYY' }, /only one of/],
])('%j is refused', (mapping, message) => {
  expect(() => conversionOf(mapping)).toThrow(message);
});

test('what a client asks for is said in the words of the system', () => {
  const kinds = conversionOf({ values: { d: 'DUG', dd: 'DUG', b: 'DRILLED' } })!;
  expect(['DUG', 'DRILLED', 'd'].map((kind) => kinds.write?.(kind))).toEqual(['d', 'b', undefined]);
  const flags = conversionOf({ true: ['Y', 'y'], false: 'N' })!;
  expect([true, false].map((flag) => flags.write?.(flag))).toEqual(['Y', 'N']);
});
