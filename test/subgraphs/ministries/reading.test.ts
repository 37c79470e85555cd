import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFigures, type Notation } from '../../../subgraphs/ministries/reading/figures.ts';
import { readQuantity } from '../../../subgraphs/ministries/reading/quantity.ts';
import { readVintage } from '../../../subgraphs/ministries/reading/vintage.ts';

test.each([
  ['83,871 sq km', 'sq km', 83_871],
  ['1.052 trillion kWh (2012 est.)', 'kWh', 1_052_000_000_000],
  ['$7.376 trillion (2014 est.)', '$', 7_376_000_000_000],
  ['-$29.47 billion (2014 est.)', '$', -29_470_000_000],
  ['$-5 million', '$', -5_000_000],
  ['-0%', '%', 0],
  ['.5%', '%', 0.5],
  ['47.2%', '%', 47.2],
  ['4% of GDP (2013)', '% of GDP', 4],
  ['1.04 male(s)/female', 'male(s)/female', 1.04],
  ['0 km (landlocked)', 'km', 0],
  ['2,440 km; note - Iran also borders the Caspian Sea (740 km)', 'km', 2440],
  ['761  cu km/yr (7%/2%/90%)', 'cu km/yr', 761],
  ['372m', 'm', 372],
  ['+5.5 (10.5 hours ahead of Washington, DC)', '', 5.5],
  ['27 million', '', 27_000_000],
])('"%s" in %s is %d', (text, unit, value) => {
  expect(readQuantity(text, unit)).toEqual({ wording: 'EXACT', value, low: null, high: null });
});

test.each([
  ['12 nm', 'km'],
  ['12 kmh', 'km'],
  ['5%', '% of GDP'],
  ['77.9', 'years'],
  ['$5', ''],
  ['5', '$'],
  ['5 million', '%'],
  ['1 Ascension Island (Wideawake Field)', ''],
  ['4 with cable system (2004)', ''],
  ['6 nm in the Aegean Sea; 12 nm in Black Sea', 'nm'],
  ['12,34', ''],
  ['no indigenous inhabitants', ''],
  ['', ''],
])('"%s" is no value in "%s" and stays text', (text, unit) => {
  expect(readQuantity(text, unit)).toEqual({ wording: 'TEXT', value: null, low: null, high: null });
});

test.each(['NA', 'NA%', '$NA', 'NA (2003)', 'NA sq km'])('"%s" is not available, in any unit', (text) => {
  expect(readQuantity(text, '%').wording).toBe('NOT_AVAILABLE');
});

test.each([
  ['about 3,500 (this figure is an approximation)', '', { wording: 'APPROXIMATE', value: 3500 }],
  ['ca. 7.75 sq km', 'sq km', { wording: 'APPROXIMATE', value: 7.75 }],
  ['less than 1% (2008)', '%', { wording: 'BOUND', value: null, low: null, high: 1 }],
  ['at least 21', '', { wording: 'BOUND', value: null, low: 21, high: null }],
  ['63-66%', '%', { wording: 'RANGE', value: null, low: 63, high: 66 }],
  ['$1.5-2 billion', '$', { wording: 'TEXT' }],
  ['1.5 to 2 million', '', { wording: 'RANGE', low: 1_500_000, high: 2_000_000 }],
  ['66-63%', '%', { wording: 'TEXT' }],
])('"%s" says less than a number', (text, unit, quantity) => {
  expect(readQuantity(text, unit)).toMatchObject(quantity);
});

test('whatever is written as a number is read as that number', () => {
  const written = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
  const numbers = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((thousandths) => thousandths / 1_000);
  fc.assert(
    fc.property(numbers, fc.constantFrom('sq km', '%', ''), (number, unit) => {
      expect(readQuantity(`${written.format(number)} ${unit}`, unit).value).toBe(number === 0 ? 0 : number);
    }),
  );
});

test('no text makes a reading fail', () => {
  const notations = fc.record(
    {
      written: fc.constantFrom('', '$', '%', 'km'),
      after: fc.constantFrom('male', 'urban:'),
      listed: fc.integer({ min: 1, max: 3 }),
      named: fc.constant(true as const),
      coordinate: fc.constantFrom('latitude', 'longitude'),
    },
    { requiredKeys: ['written'] },
  );
  const pieces = fc.constantFrom(
    '12',
    '-',
    '$',
    '.5',
    ',',
    '%',
    'km',
    '++',
    '(2014 est.)',
    'male',
    'urban:',
    'N',
    'NA',
    '/',
  );
  const texts = fc
    .array(fc.oneof(pieces, fc.string({ maxLength: 4 })), { maxLength: 12 })
    .map((parts) => parts.join(' '));
  fc.assert(
    fc.property(texts, notations, (text, notation) => {
      for (const { value, wording } of readFigures(text, notation)) {
        expect(value !== null).toBe(wording === 'EXACT' || wording === 'APPROXIMATE');
        expect(Number.isNaN(value)).toBe(false);
      }
    }),
  );
});

test.each([
  ['2014 est.', { period: '2014', year: 2014, asOf: '2014', estimated: true }],
  ['2011', { period: '2011', asOf: '2011', estimated: false }],
  ['July 2015 est.', { period: '2015', asOf: '2015-07' }],
  ['31 December 2014 est.', { period: '2014', asOf: '2014-12-31' }],
  ['1 January 2015', { asOf: '2015-01-01', estimated: false }],
  ['2010-15 est.', { period: '2010/2015', year: 2015, asOf: '2015' }],
  ['2007/08', { period: '2007/2008' }],
  ['FY08/09 est.', { period: '2008/2009' }],
  ['FY2013 est.', { period: '2013' }],
  ['4th quarter, 2011 est.', { period: '2011', estimated: true }],
  ['2015 February est.', { asOf: '2015-02' }],
  ['31  December 2011', { asOf: '2011-12-31' }],
  ['Second half, 2013 est.', { period: '2013' }],
  ['Q4 2014', { period: '2014', estimated: false }],
  ['2015 projected', { period: '2015', estimated: true }],
])('(%s) dates a figure', (text, vintage) => {
  expect(readVintage(text)).toMatchObject(vintage);
});

test.each(['capital', 'landlocked', '713 km', 'includes 76,334 km', '1,998', '2015-10', '20113 est.', ''])(
  '(%s) is no date',
  (text) => {
    expect(readVintage(text)).toBeNull();
  },
);

test('each line of a series is a figure with its own year', () => {
  const figures = read('6% (2014 est.) ++ 10% (2013) ++ NA% (2012)', { written: '%' });
  expect(figures).toEqual([
    ['EXACT', 6, '2014'],
    ['EXACT', 10, '2013'],
    ['NOT_AVAILABLE', null, '2012'],
  ]);
});

test('a heading, an empty line and a date on a line of its own are no figures', () => {
  expect(read('euros (EUR) per US dollar - ++ 0.7489 (2014 est.) ++ 0.7634 (2013 est.)', { written: '' })).toHaveLength(
    2,
  );
  expect(read(' ++ 45 (2013)', { written: '' })).toEqual([['EXACT', 45, '2013']]);
  expect(read('-29.1% ++  (2014 est.)', { written: '%' })).toEqual([['EXACT', -29.1, '2014']]);
  expect(read(' ++ ', { written: '%' })).toEqual([]);
});

test('a remark behind a series is left out, a text that is no series is kept', () => {
  expect(read('5% (2014) ++ note - estimates vary', { written: '%' })).toEqual([['EXACT', 5, '2014']]);
  expect(read('the US dollar is used', { written: '' })).toEqual([['TEXT', null, undefined]]);
});

test('a part of a text is found by the words before it, as whole words', () => {
  const text = '28.09% (male 186,735,337/female 164,835,868) (2015 est.)';
  expect(read(text, { written: '%' })).toEqual([['EXACT', 28.09, '2015']]);
  expect(read(text, { written: '', after: 'male' })).toEqual([['EXACT', 186_735_337, '2015']]);
  expect(read(text, { written: '', after: 'female' })).toEqual([['EXACT', 164_835_868, '2015']]);
  expect(read('AM NA, FM about 70, shortwave 1 (2008)', { written: '', after: 'FM' })).toEqual([
    ['APPROXIMATE', 70, '2008'],
  ]);
  expect(read('698 (station frequency type NA) (2006)', { written: '', after: 'FM' })).toEqual([]);
});

test('a member of a list in parentheses is found by its place', () => {
  const text = '478.4  cu km/yr (14%/46%/40%)';
  expect([1, 2, 3].map((listed) => read(text, { written: '%', listed })[0]?.[1])).toEqual([14, 46, 40]);
  expect(read(text, { written: '%', listed: 4 })).toEqual([]);
  expect(read('31.62 cu km/yr', { written: '%', listed: 1 })).toEqual([]);
});

test('a name before the value is passed over, digits in it too', () => {
  const named: Notation = { written: 'm', named: true };
  expect(read('Death Valley -86 m', named)[0]?.[1]).toBe(-86);
  expect(read('K2 (Mt. Godwin-Austen) 8,611 m', named)[0]?.[1]).toBe(8611);
  expect(
    read('NEW DELHI (capital) 25.703 million; Mumbai 21.043 million (2015)', { written: '', named: true }),
  ).toEqual([['EXACT', 25_703_000, '2015']]);
});

test('coordinates are decimal degrees, south and west negative', () => {
  const pair = (text: string) =>
    (['latitude', 'longitude'] as const).map((coordinate) => read(text, { written: '', coordinate })[0]?.[1]);
  expect(pair('28 36 N, 77 12 E')).toEqual([28.6, 77.2]);
  expect(pair('54 30 S, 37 00 W')).toEqual([-54.5, -37]);
  expect(pair('0 00 N, 160 00 W')).toEqual([0, -160]);
  expect(pair('04 51 N 31 37 E')).toEqual([null, null]);
});

function read(text: string, notation: Notation): [string, number | null, string | undefined][] {
  return readFigures(text, notation).map(({ wording, value, vintage }) => [wording, value, vintage?.period]);
}
