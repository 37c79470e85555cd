import { expect, test } from 'vitest';
import { DistinctValues } from '../../subgraphs/kit/wrap/distinct-values.ts';
import { TextColumn } from '../../subgraphs/kit/wrap/text-column.ts';

function resultOf(values: readonly string[]) {
  const column = new TextColumn('c');
  for (const value of values) column.add(value);
  return column.result();
}

test.each<[string, string[], string, object | undefined]>([
  ['whole numbers', ['1', '-20', '0'], 'Int', undefined],
  ['whole numbers beyond 32 bits', ['3000000000'], 'Float', undefined],
  ['decimals', ['1.5', '2'], 'Float', undefined],
  ['decimals with a comma', ['1,5', '2,25'], 'Float', { number: '1234,56' }],
  ['decimals with thousands', ['1.234,5', '7'], 'Float', { number: '1.234,56' }],
  ['days as ISO 8601 has them', ['2024-01-31'], 'String', undefined],
  ['days of central Europe', ['31.12.2024', '01.02.2024'], 'String', { date: 'DD.MM.YYYY' }],
  ['days of America', ['12/31/2024'], 'String', { date: 'MM/DD/YYYY' }],
  ['days that there are not', ['31.02.2024', '01.01.2024'], 'String', undefined],
  ['words for yes and no', ['ja', 'Nein', 'Ja'], 'Boolean', { true: ['ja', 'Ja'], false: ['Nein'] }],
  ['one word for no', ['no', 'no'], 'String', undefined],
  ['codes with zeros before them', ['007', '12'], 'String', undefined],
  ['telephone numbers', ['+49301234', '+4930'], 'String', undefined],
  ['numbers of eighteen digits', ['914403007152672611'], 'String', undefined],
  ['codes that look like exponents', ['12E4', '3.5'], 'String', undefined],
  ['texts among numbers', ['1', '2', 'none'], 'String', undefined],
])('%s are read as they are meant', (_, values, leaf, mapping) => {
  expect(resultOf(values)).toMatchObject({ leaf, ...(mapping && { mapping }) });
  if (!mapping) expect(resultOf(values).mapping).toBeUndefined();
});

test.each<[string, string[], RegExp]>([
  [
    'a day that may be the first of February or the second of January',
    ['01/02/2024', '03/04/2024'],
    /DD\/MM\/YYYY.*MM\/DD\/YYYY/,
  ],
  ['a comma that may part thousands or decimals', ['1,234', '12,000'], /1,234\.56.*1234,56/],
  ['a point that may part thousands or decimals', ['12.345', '1.200'], /plain number.*1\.234,56/],
])('%s stays a text, and is asked about', (_, values, question) => {
  const { leaf, mapping, questions } = resultOf(values);
  expect({ leaf, mapping }).toEqual({ leaf: 'String', mapping: undefined });
  expect(questions).toEqual([expect.stringMatching(question)]);
});

test('A few texts among many numbers are asked about, and do not make texts of the numbers', () => {
  const numbers = Array.from({ length: 60 }, (_, at) => String(at));
  const { leaf, questions } = resultOf([...numbers, 'n/a', 'n/a']);
  expect(leaf).toBe('Int');
  expect(questions).toEqual([expect.stringContaining('2 of 62 values are no number ("n/a")')]);
});

test('A zero before the comma is no thousand', () => {
  expect(resultOf(['0,125', '0,250'])).toMatchObject({ leaf: 'Float', mapping: { number: '1234,56' }, questions: [] });
});

test('A column of zeros and ones stays a number, and is asked about', () => {
  expect(resultOf(['0', '1', '1'])).toMatchObject({ leaf: 'Int', questions: [expect.stringContaining('yes or no')] });
});

test('Names that differ in a digit are told apart, and those that were there before are known', () => {
  const values = new DistinctValues();
  const name = (at: number): string => `M${String(at).padStart(8, '0')}`;
  const count = 200_000;
  for (let at = 0; at < count; at += 1) values.add(name(at));
  expect(values.size).toBe(count);
  expect([values.add(name(7)), values.add(name(count))]).toEqual([false, true]);
});
