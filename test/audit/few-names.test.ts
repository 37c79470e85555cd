import { expect, test } from 'vitest';
import { fewNames } from '../../gateway/audit/subject-finder.ts';

test('entities that a program read are named once each, in the order in which they were read', () => {
  const found = [
    'Firm',
    '"U1"',
    'Person',
    '"U1"',
    'Firm',
    '"U2"',
    'Firm',
    '"U1"',
    'Place',
    '["a",1]',
    'Place',
    '["a",1]',
  ];
  expect(fewNames(found)).toEqual(['Firm:U1', 'Person:U1', 'Firm:U2', 'Place:["a",1]']);
});

test('a key is one name however its text is escaped, and what is null is nobody', () => {
  expect(fewNames(['Firm', '"U1"', 'Firm', String.raw`"\u00551"`, 'Firm', 'null'])).toEqual(['Firm:U1']);
});

test('many are not compared one by one', () => {
  const found = (count: number): string[] => Array.from({ length: count }, (_, at) => ['Firm', `"U${at}"`]).flat();
  expect(fewNames(found(32))).toHaveLength(32);
  expect(fewNames(found(33))).toBeUndefined();
});
