import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AGREEMENTS, judge, type ComparedClaim, type ComparisonRules } from '../../subgraphs/kit/facts/agreement.ts';
import { TextComparison } from '../../subgraphs/kit/facts/compared-text.ts';
import { overlap, readSpan, yearsApart } from '../../subgraphs/kit/facts/vintage.ts';

const rules: ComparisonRules = {
  kind: 'number',
  tolerance: { relative: 0.1, absolute: 1 },
  drift: { relative: 0.05, absolute: 0 },
};
const claims = fc.array(
  fc.record({
    by: fc.nat(3),
    value: fc.integer({ min: -60, max: 60 }),
    definition: fc.constantFrom('a', 'b'),
    vintage: fc.option(fc.integer({ min: 2010, max: 2020 }).map(String)),
  }),
  { minLength: 1, maxLength: 6 },
);

/** What becomes of whole years and of numbers, read off the manifest's words one by one. */
function plainly(all: readonly ComparedClaim[]): string {
  const found = new Set<string>();
  for (const one of all)
    for (const other of all) {
      if (one.by >= other.by) continue;
      const [a, b] = [Number(one.value), Number(other.value)];
      const greater = Math.max(Math.abs(a), Math.abs(b));
      const tolerated = Math.max(0.1 * greater, 1);
      const days = (vintage: string | null) =>
        (Date.UTC(Number(vintage), 0) + Date.UTC(Number(vintage), 11, 31)) / 2 / 86_400_000;
      const years = Math.abs(days(one.vintage) - days(other.vintage)) / 365.25;
      const dated = one.vintage !== null && other.vintage !== null && one.vintage !== other.vintage;
      if (Math.abs(a - b) <= tolerated) found.add('AGREE');
      else if (one.definition !== other.definition) found.add('DIFFERENT_DEFINITION');
      else if (dated && Math.abs(a - b) <= tolerated + years * 0.05 * greater) found.add('DIFFERENT_VINTAGE');
      else found.add('CONFLICT');
    }
  return ['CONFLICT', 'DIFFERENT_DEFINITION', 'DIFFERENT_VINTAGE', 'AGREE'].find((each) => found.has(each)) ?? 'SINGLE';
}

test('what becomes of claims is what a plain reading of the rules says', () => {
  fc.assert(
    fc.property(claims, (all) => {
      expect(judge(all, rules).agreement).toBe(plainly(all));
    }),
    { numRuns: 2_000 },
  );
});

test('the order of claims changes nothing, and each disagreement is of two departments', () => {
  fc.assert(
    fc.property(claims, (all) => {
      const { agreement, disagreements } = judge(all, rules);
      expect(judge(all.toReversed(), rules).agreement).toBe(agreement);
      for (const { one, other } of disagreements) expect(one.by).not.toBe(other.by);
      const gravest = Math.max(-1, ...disagreements.map((each) => AGREEMENTS.indexOf(each.agreement)));
      if (agreement !== 'SINGLE') expect(AGREEMENTS[Math.max(gravest, 0)]).toBe(agreement);
    }),
  );
});

test('one more claim takes no conflict away', () => {
  fc.assert(
    fc.property(claims, claims, (all, more) => {
      const { agreement } = judge(all, rules);
      if (agreement === 'CONFLICT') expect(judge([...all, ...more], rules).agreement).toBe('CONFLICT');
      else expect(judge(all, rules).disagreements.map((each) => each.agreement)).not.toContain('CONFLICT');
    }),
  );
});

test.each([
  [
    'of one definition and one year are a conflict, whatever the third',
    [claim('a', '2015', 10), claim('a', '2015', 20), claim('b', '2018', 30)],
    'CONFLICT',
  ],
  ['of which one year is not known are a conflict', [claim('a', null, 10), claim('a', '2015', 20)], 'CONFLICT'],
  ['of different definitions need no year', [claim('a', null, 10), claim('b', null, 20)], 'DIFFERENT_DEFINITION'],
  [
    'of different years are explained as far as the drift goes',
    [claim('a', '2015', 80), claim('a', '2018', 100)],
    'DIFFERENT_VINTAGE',
  ],
  ['of different years are a conflict beyond it', [claim('a', '2015', 70), claim('a', '2018', 100)], 'CONFLICT'],
  ['of zero are one', [claim('a', '2015', 0), claim('b', '2018', 0)], 'AGREE'],
])('claims %s', (_, all, agreement) => {
  expect(
    judge(
      all.map((each, by) => ({ ...each, by })),
      rules,
    ).agreement,
  ).toBe(agreement);
});

test('without a drift other years explain any difference, and states differ or do not', () => {
  const all = [claim('a', '2015', 1), claim('a', '2016', 1_000)].map((each, by) => ({ ...each, by }));
  expect(judge(all, { ...rules, drift: undefined }).agreement).toBe('DIFFERENT_VINTAGE');
  const states = [claim('a', '2015', 'ON'), claim('a', '2015', 'OFF')].map((each, by) => ({ ...each, by }));
  expect(judge(states, { kind: 'state' }).agreement).toBe('CONFLICT');
});

test.each([
  ['2015', '2015-07-01', true],
  ['2000/2001', '2001-12', true],
  ['2026-Q2', '2026-06-30', true],
  ['2026-Q2', '2026-07', false],
  ['2015', '2016-01-01T00:00:00Z', false],
])('%s and %s overlap: %j', (one, other, expected) => {
  expect(overlap(readSpan(one)!, readSpan(other)!)).toBe(expected);
});

test('what is no time is not read as one, and years are counted between the middles', () => {
  expect(['', '15', '2015-13', '2015-02-30', '2018/2015', '2015/2016/2017', 'May 2015'].map(readSpan)).toEqual(
    Array(7).fill(undefined),
  );
  expect(yearsApart(readSpan('2015')!, readSpan('2018')!)).toBeCloseTo(3, 2);
});

const addresses = new TextComparison({
  ignore: [
    'yunmei',
    'district',
    'dist',
    'no',
    'building',
    'bldg',
    'b',
    'room',
    'rm',
    'r',
    '云湄市',
    '云湄',
    '区',
    '号',
    '栋',
    '幢',
    '室',
  ],
  words: { rd: 'road' },
  contained: true,
});

test.each([
  ['Room 301, Building 5, 12 Xinhe Road, Donglin District, Yunmei', 'DONGLIN/XINHE RD 12/B5/R301 (MAIN)', true],
  ['Room 301, Building 5, 12 Xinhe Road, Donglin District, Yunmei', 'XINHE RD 12', true],
  ['Room 301, 12 Xinhe Road', 'XINHE RD 12/R302', false],
  ['云湄市东林区新河路12号5栋301室', '东林新河路１２号＃５－３０１（主表）', true],
  ['云湄市东林区新河路12号5栋301室', '东林新河路１３号＃５－３０１', false],
  ['(none)', '12 Xinhe Road', false],
])('%s and %s are one address: %j', (one, other, expected) => {
  expect(addresses.agree(one, other)).toBe(expected);
  expect(addresses.agree(other, one)).toBe(expected);
});

function claim(definition: string, vintage: string | null, value: number | string): ComparedClaim {
  return { by: 0, definition, vintage, value };
}
