import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readCatalogue, type Indicator } from '../../../subgraphs/ministries/catalogue.ts';
import { openEconomies } from '../../../subgraphs/ministries/economies.ts';
import { readFactbook } from '../../../subgraphs/ministries/factbook.ts';
import type { Observation } from '../../../subgraphs/ministries/observations.ts';
import type { Profile } from '../../../subgraphs/ministries/profile.ts';

const economies = openEconomies();
const indicators = [...economies.indicators.values()];

/** Fields with digits in them for a hundred places that are prose all the same: histories, lists, addresses, laws. */
const PROSE = [
  'Communications / Broadcast media',
  'Communications / Telephone system / domestic',
  'Communications / Telephone system / international',
  'Economy / Economy - overview',
  'Economy / Exports - partners',
  'Economy / GDP (purchasing power parity) / note',
  'Economy / GDP - per capita (PPP) / note',
  'Economy / Imports - partners',
  'Geography / Land boundaries / border countries',
  'Government / Administrative divisions',
  'Government / Constitution',
  'Government / Diplomatic representation from the US / FAX',
  'Government / Diplomatic representation from the US / embassy',
  'Government / Diplomatic representation from the US / mailing address',
  'Government / Diplomatic representation from the US / telephone',
  'Government / Diplomatic representation in the US / FAX',
  'Government / Diplomatic representation in the US / chancery',
  'Government / Diplomatic representation in the US / telephone',
  'Government / Executive branch / election results',
  'Government / Executive branch / elections/appointments',
  'Government / Independence',
  'Government / International organization participation',
  'Government / Judicial branch / judge selection and term of office',
  'Government / Legislative branch / election results',
  'Government / Legislative branch / elections',
  'Government / National anthem / note',
  'Government / National holiday',
  'Introduction / Background',
  'Military / Military service age and obligation',
  'People and Society / Ethnic groups',
  'People and Society / Languages',
  'People and Society / Literacy / definition',
  'People and Society / Religions',
  'Transnational Issues / Disputes - international',
  'Transportation / Merchant marine / by type',
  'Transportation / Pipelines',
];

test('33 departments answer for 216 indicators, each with a name, a definition and a unit', () => {
  expect(economies.departments).toHaveLength(33);
  expect(indicators).toHaveLength(216);
  expect(new Set(indicators.map(({ name }) => name)).size).toBe(216);
});

test('each indicator has a number for as many places as its file says, and none for fewer than a hundred', () => {
  const tooFew = indicators
    .map(({ code, places }) => ({ code, places, found: economies.placesWithNumber(code).length }))
    .filter(({ places, found }) => places < 100 || found < places);
  expect(tooFew).toEqual([]);
});

test('of what has figures for a hundred places in the Factbook, nothing but prose is left out', () => {
  const used = new Set(indicators.flatMap(({ paths }) => paths.map((path) => path.join(' / '))));
  const places = new Map<string, number>();
  for (const profile of readFactbook().profiles.values()) countFigures(profile, [], places);
  const filled = [...places].filter(([, count]) => count >= 100).map(([path]) => path);
  expect(filled.filter((path) => !used.has(path)).sort()).toEqual(PROSE);
  expect(filled.length).toBeGreaterThan(180);
});

test('every value says the unit it has, in the words of its publisher', () => {
  const without = [...allObservations()]
    .filter(({ observation: { value } }) => value !== null)
    .filter(({ observation: { text }, notation: { written } }) => !text.replace(/\s+/g, ' ').includes(written));
  expect(without.map(({ observation }) => observation)).toEqual([]);
});

test('one way of writing a unit is one unit, but for percent and bare numbers', () => {
  const byWriting = Map.groupBy(
    indicators.filter(({ notation: { written, listed } }) => written.length > 1 && listed === undefined),
    ({ notation: { written } }) => written,
  );
  const several = [...byWriting].filter(([, of]) => new Set(of.map(({ unit }) => unit)).size > 1);
  expect(several.map(([written]) => written)).toEqual(['% of population']);
});

test('a simple second reading finds the same number in the words of every 17th observation', () => {
  const sample = [...allObservations()].filter((_, index) => index % 17 === 0);
  const numbers = sample.filter(({ observation: { value } }) => value !== null);
  const differing = numbers.filter(
    ({ observation: { value, text }, notation: { coordinate } }) =>
      !(coordinate === undefined ? numbersOf(text) : degreesOf(text)).includes(value ?? NaN),
  );
  expect(differing.map(({ observation }) => observation)).toEqual([]);
  expect(numbers.length).toBeGreaterThan(2_500);
});

test('shares are between nothing and all, where they are shares of a whole', () => {
  const shares = /^% of (population|land area|withdrawal|installed capacity|adults|children|women|the)/;
  const outside = [...allObservations()].filter(
    ({ observation: { unit, value } }) => shares.test(unit) && value !== null && (value < 0 || value > 100),
  );
  expect(outside.map(({ observation }) => observation)).toEqual([]);
});

test('a department is one file: one more is read without anything else being changed', () => {
  const [postal] = readCatalogue(makeCatalogue({ 'postal-service': indicatorYaml('letters', 'names: { zh: 信件 }') }));
  expect(postal).toMatchObject({ code: 'postal-service', title: 'Posts', otherNames: [], publisher: 'factbook' });
  expect(postal?.indicators[0]).toEqual({
    code: 'letters',
    name: 'Letters',
    otherNames: ['信件'],
    definition: 'Letters sent in a year.',
    unit: 'letters',
    owner: 'postal-service',
    places: 1,
    paths: [['Communications', 'Letters']],
    notation: { written: '', after: 'total:' },
  });
});

test.each([
  [
    'a key that is none',
    indicatorYaml('letters', 'colour: red'),
    /postal-service\.yaml:\n.*"colour"[\s\S]*indicators\[0\]/,
  ],
  [
    'a code that is no word',
    indicatorYaml('Letters Sent'),
    /must be lower-case words with hyphens[\s\S]*indicators\[0\]\.code/,
  ],
  ['no YAML', 'title: [', /postal-service\.yaml: .*line 1/],
])('a file with %s is refused, naming it and the place', (_, yaml, message) => {
  expect(() => readCatalogue(makeCatalogue({ 'postal-service': yaml }))).toThrow(message);
});

test('two departments cannot have an indicator of one code', () => {
  const folder = makeCatalogue({ 'postal-service': indicatorYaml('letters'), archive: indicatorYaml('letters') });
  expect(() => readCatalogue(folder)).toThrow('The indicator letters is in archive.yaml and in postal-service.yaml.');
});

function* allObservations(): Generator<{ observation: Observation; notation: Indicator['notation'] }> {
  for (const { code, notation } of indicators)
    for (const iso of economies.placesWithNumber(code))
      for (const observation of economies.observations(code, iso)) yield { observation, notation };
}

/** All numbers of a text, with their scale words: read in another way than the code under test reads them. */
function numbersOf(text: string): number[] {
  const scales: Record<string, number> = { thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 };
  const found = text.replace(/[$,]/g, '').matchAll(/(-?\d*\.?\d+) ?(thousand|million|billion|trillion)?/g);
  return [...found].map(([, digits, scale = '']) => Number((Number(digits) * (scales[scale] ?? 1)).toPrecision(12)));
}

function degreesOf(text: string): number[] {
  return text.split(',').map((side) => {
    const [degrees = NaN, minutes = 0] = (side.match(/\d+/g) ?? []).map(Number);
    const size = Number((degrees + minutes / 60).toFixed(4));
    return /[SW]/.test(side) ? 0 - size : size;
  });
}

function countFigures(profile: Profile, path: readonly string[], places: Map<string, number>): void {
  for (const [name, field] of Object.entries(profile)) {
    if (typeof field === 'object' && field !== null) countFigures(field, [...path, name], places);
    // A date in parentheses is no figure.
    else if (name === 'text' && typeof field === 'string' && /\d/.test(field.replace(/\([^()]*\)/g, '')))
      places.set(path.join(' / '), (places.get(path.join(' / ')) ?? 0) + 1);
  }
}

function indicatorYaml(code: string, more = ''): string {
  return `title: Posts
remit: Letters and parcels.
publisher: factbook
indicators:
  - code: ${code}
    name: Letters
    definition: Letters sent in a year.
    unit: letters
    path: Communications / Letters
    after: 'total:'
    places: 1
    ${more}
`;
}

/** A folder with a file for each of some departments; gone when the test is over. With a slash at its end. */
function makeCatalogue(departments: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-catalogue-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [code, yaml] of Object.entries(departments)) writeFileSync(join(folder, `${code}.yaml`), yaml);
  return `${folder}/`;
}
