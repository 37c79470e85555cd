import codeMappings from 'cldr-core/supplemental/codeMappings.json' with { type: 'json' };
import { countries } from 'countries-list';
import { expect, test } from 'vitest';
import { almanacEntries } from '../../../subgraphs/ministries/almanac.ts';
import { comparable, linkGecCodes, type CrosswalkSources } from '../../../subgraphs/ministries/crosswalk.ts';
import { readFactbook } from '../../../subgraphs/ministries/factbook.ts';
import { fieldAt, textAt, type Profile } from '../../../subgraphs/ministries/profile.ts';
import { makeCrosswalk } from '../../../systems/territory/crosswalk.ts';

const { profiles, crosswalk } = readFactbook();
const isoCodes = Object.keys(countries);

/** English names of ISO codes out of the JavaScript engine: of those, the crosswalk has seen none. */
const engineNames = new Intl.DisplayNames('en', { type: 'region' });

/** Where the Factbook and the engine have two names for one place; written down by hand, from knowing the world. */
const SAME_PLACE: Readonly<Record<string, string>> = {
  Burma: 'Myanmar (Burma)',
  'Cabo Verde': 'Cape Verde',
  'Congo (Brazzaville)': 'Congo - Brazzaville',
  DRC: 'Congo - Kinshasa',
  'Czech Republic': 'Czechia',
  'French Southern and Antarctic Lands': 'French Southern Territories',
  'Heard Island and McDonald Islands': 'Heard & McDonald Islands',
  'Hong Kong': 'Hong Kong SAR China',
  Macau: 'Macao SAR China',
  Macedonia: 'North Macedonia',
  'Federated States of Micronesia': 'Micronesia',
  'Saint Helena, Ascension, and Tristan da Cunha': 'St. Helena',
  Swaziland: 'Eswatini',
  Turkey: 'Türkiye',
  'Virgin Islands': 'U.S. Virgin Islands',
  'Holy See (Vatican City)': 'Vatican City',
};

/** The Factbook's name of a place; of the two files without one, the name that their history gives. */
function factbookName(gec: string): string {
  const profile = profiles.get(gec) as Profile;
  for (const form of ['short', 'long']) {
    const name = textAt(profile, ['Government', 'Country name', `conventional ${form} form`]);
    if (name !== undefined && name !== 'none' && name !== 'The Dominican') return name;
  }
  const history = textAt(profile, ['Introduction', 'Background']) ?? '';
  return ['Curacao', 'Sint Maarten'].find((name) => history.includes(name)) ?? '';
}

function isNamedLike(gec: string, iso: string): boolean {
  const name = factbookName(gec);
  return comparable(SAME_PLACE[name] ?? name) === comparable(engineNames.of(iso) ?? '');
}

test('every code that has a link leads to the place of its name', () => {
  const wrong = [...crosswalk.links.values()].filter(({ gec, iso }) => !isNamedLike(gec, iso));
  expect(wrong).toEqual([]);
  expect(crosswalk.links.size).toBe(240);
});

test('of the codes that are letters of an ISO code too, none leads to the wrong place', () => {
  const lookalikes = [...profiles.keys()].filter((gec) => isoCodes.includes(gec));
  expect(lookalikes).toHaveLength(173);
  const same = lookalikes.filter((gec) => isNamedLike(gec, gec));
  const other = lookalikes.filter((gec) => !same.includes(gec));
  expect(same.map((gec) => crosswalk.links.get(gec)?.iso)).toEqual(same);
  expect(same).toHaveLength(94);
  const elsewhere = other.flatMap((gec) => crosswalk.links.get(gec) ?? []);
  expect(elsewhere.filter(({ gec, iso }) => gec === iso)).toEqual([]);
  expect(elsewhere).toHaveLength(70);
  const nowhere = other.filter((gec) => !crosswalk.links.has(gec));
  expect(nowhere).toEqual(['AT', 'AX', 'BQ', 'CR', 'EE', 'PF', 'PG', 'SV', 'UM']);
});

test.each([
  ['SX', 'GS'],
  ['CW', 'CK'],
  ['VQ', 'VI'],
  ['KV', 'XK'],
  ['RI', 'RS'],
  ['OD', 'SS'],
])('%s, of which CLDR is silent or seems to say itself, leads to %s', (gec, iso) => {
  expect(crosswalk.links.get(gec)).toMatchObject({ iso });
});

test('what leads to no ISO place is listed with the reason, and nothing is left unexplained', () => {
  const byKind = Object.groupBy(crosswalk.unlinked, ({ kind }) => kind);
  const codes = Object.fromEntries(
    Object.entries(byKind).map(([kind, places]) => [kind, places.map(({ gec }) => gec)]),
  );
  expect(codes).toEqual({
    OCEAN: ['OO', 'XO', 'XQ', 'ZH', 'ZN'],
    WORLD: ['XX'],
    UNION: ['EE'],
    DISPUTED: ['PF', 'PG'],
    NO_ISO_CODE: ['AX', 'DX'],
    PART: ['AT', 'BQ', 'CR', 'GZ', 'IP', 'JN', 'SV', 'UM', 'WE', 'WQ'],
  });
  expect(crosswalk.links.size + crosswalk.unlinked.length).toBe(profiles.size);
});

test('a part of a place is not taken for the place, whatever CLDR states', () => {
  expect(codeMappings.supplemental.codeMappings['PS']._fips10).toBe('GZ');
  expect(crosswalk.links.has('GZ')).toBe(false);
  expect(crosswalk.unlinked).toContainEqual(expect.objectContaining({ gec: 'GZ', partOf: 'PS' }));
});

test('it agrees with the territory registry, which has its links from the other side, wherever both have one', () => {
  const { rows } = makeCrosswalk(isoCodes, codeMappings.supplemental.codeMappings);
  const registry = rows.filter(({ system }) => system === 'GEC');
  const both = registry.filter(({ code }) => crosswalk.links.has(code));
  expect(both.filter(({ code, iso }) => crosswalk.links.get(code)?.iso !== iso)).toEqual([]);
  expect(both.length).toBeGreaterThan(230);
});

test('a link says how it was made', () => {
  expect(crosswalk.links.get('GM')).toEqual({ gec: 'GM', iso: 'DE', method: 'STATED', sameName: true });
  expect(crosswalk.links.get('FR')).toEqual({ gec: 'FR', iso: 'FR', method: 'NAME', sameName: true });
  expect(crosswalk.links.get('BM')).toEqual({ gec: 'BM', iso: 'MM', method: 'STATED', sameName: false });
  expect(crosswalk.links.get('SK')).toMatchObject({ iso: 'SX', method: 'MANUAL', sameName: false });
  const byHand = [...crosswalk.links.values()].filter(({ method }) => method === 'MANUAL');
  expect(byHand.every(({ reason }) => reason !== undefined)).toBe(true);
});

test('equal letters alone make no link', () => {
  const { links, unlinked } = link([{ gec: 'DE', names: ['Someplace'] }], {});
  expect(links.size).toBe(0);
  expect(unlinked).toMatchObject([{ gec: 'DE', kind: 'UNEXPLAINED' }]);
});

test('a name that two places have makes no link', () => {
  expect(link([{ gec: 'QQ', names: ['Georgia'] }], { GE: 'Georgia', GA: 'Georgia' }).links.size).toBe(0);
});

test('sources that contradict each other are refused', () => {
  const stated = new Map([['DE', 'GM']]);
  const places = [{ gec: 'GM', names: ['Gambia'] }];
  expect(() => linkGecCodes(places, { statedGec: stated, isoNames: new Map([['GM', 'Gambia']]) })).toThrow(
    'GEC GM is stated to be DE and named like GM',
  );
});

test('two codes for one place are refused', () => {
  const places = [
    { gec: 'Q1', names: ['Gambia'] },
    { gec: 'Q2', names: ['The Gambia'] },
  ];
  expect(() => link(places, { GM: 'Gambia' })).toThrow('GEC Q1 and Q2 both lead to GM');
});

test('a field that a profile has not got is none', () => {
  const profile = profiles.get('OO') as Profile;
  expect(fieldAt(profile, ['Government', 'Country name'])).toBeUndefined();
});

function link(places: Parameters<typeof linkGecCodes>[0], names: Record<string, string>) {
  const sources: CrosswalkSources = { statedGec: new Map(), isoNames: new Map(Object.entries(names)) };
  return linkGecCodes(places, sources);
}

test('a name of the almanac leads to the place of that name, whatever its list of codes says', () => {
  const entries = almanacEntries();
  const name = (iso: string) => entries.get(iso)?.key;
  // Its list has GB for Northern Ireland, UK for the United Kingdom and TP for East Timor.
  expect([name('GB'), name('TL'), name('CG'), name('CZ')]).toEqual([
    'United Kingdom',
    'East Timor',
    'Congo',
    'Czech Republic',
  ]);
  expect([...entries.values()].filter(({ key }) => ['Northern Ireland', 'England'].includes(key))).toEqual([]);
  const otherwiseNamed = [...entries]
    .filter(([iso, { key }]) => comparable(key) !== comparable(engineNames.of(iso) ?? ''))
    .map(([iso, { key }]) => `${iso} ${key}`);
  // Read through by hand: each is the place, by another of its names.
  expect(otherwiseNamed.toSorted()).toEqual([
    'CD The Democratic Republic of Congo',
    'CG Congo',
    'CI Ivory Coast',
    'CV Cabo Verde',
    'CZ Czech Republic',
    'FJ Fiji Islands',
    'FM Micronesia, Federated States of',
    'HK Hong Kong',
    'HM Heard Island and McDonald Islands',
    'MO Macao',
    'PN Pitcairn',
    'PS Palestine',
    'TL East Timor',
    'TR Turkey',
    'UM United States Minor Outlying Islands',
    'VA Holy See (Vatican City State)',
    'VG Virgin Islands, British',
    'VI Virgin Islands, U.S.',
  ]);
  expect(entries.size).toBe(240);
});
