import { expect, test } from 'vitest';
import { toRows } from '../../network/first-answer.ts';

test('each value of an answer is a row named by its path below the one root field', () => {
  const data = { enterprise: { __typename: 'Enterprise', name: 'Linden Works', taxpayer: { arrearsCny: 0.5 } } };
  expect(toRows(data)).toEqual([
    { field: 'name', value: 'Linden Works' },
    { field: 'taxpayer.arrearsCny', value: '0.5' },
  ]);
});

test('a list is one row: its plain values, or how many items and the first', () => {
  const data = { place: { currencies: ['EUR', 'XPF'], holidays: [], cities: [{ name: 'Paris' }, { name: 'Nice' }] } };
  expect(toRows(data)).toEqual([
    { field: 'currencies', value: 'EUR, XPF' },
    { field: 'holidays', value: 'none' },
    { field: 'cities', value: '2 × name Paris' },
  ]);
});

test('a gap is shown as one, and an answer of several root fields keeps their names', () => {
  expect(toRows({ enterprise: { taxpayer: null }, place: { name: 'France' } })).toEqual([
    { field: 'enterprise.taxpayer', value: '-' },
    { field: 'place.name', value: 'France' },
  ]);
  expect(toRows(null)).toEqual([]);
});

test('a long answer ends with how much more there is, and a long value is cut', () => {
  const rows = toRows({
    long: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${index}`, 'x'.repeat(200)])),
  });
  expect(rows).toHaveLength(25);
  expect(rows.at(-1)).toEqual({ field: '...', value: '16 more' });
  expect(rows[0]?.value).toBe(`${'x'.repeat(71)}…`);
});
