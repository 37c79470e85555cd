import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '../../../network/settings.ts';
import { economiesClaims } from '../../../subgraphs/ministries/claims.ts';
import { openEconomies } from '../../../subgraphs/ministries/economies.ts';
import { CLAIMS } from '../../../subgraphs/ministries/paths.ts';
import { economiesSubgraphs } from '../../../subgraphs/ministries/serve.ts';
import { federate, type SmallFederation } from '../../kit/federation.ts';
import { ISO_CODES, rawClaims, type FactName, type RawClaim } from './raw-claims.ts';

const registry = {
  sdl: 'type Query { places(isos: [ID!]!): [Place!]! place(iso: ID!): Place } type Place @key(fields: "iso") { iso: ID! }',
  resolvers: {
    Query: {
      places: (_: unknown, { isos }: { isos: string[] }) => isos.map((iso) => ({ iso })),
      place: (_: unknown, { iso }: { iso: string }) => ({ iso }),
    },
  },
};

/** What the manifest is to come to, said again in the plainest way: margins in parts and in the unit, and what may change in a year. */
const RULES: Readonly<Record<FactName, { part: number; unit: number; partAYear: number; unitAYear: number }>> = {
  population: { part: 0.02, unit: 0, partAYear: 0.03, unitAYear: 0 },
  area: { part: 0.01, unit: 1, partAYear: 0, unitAYear: 0 },
  literacy: { part: 0, unit: 1, partAYear: 0, unitAYear: 1 },
  lifeExpectancy: { part: 0, unit: 0.5, partAYear: 0, unitAYear: 0.5 },
};
const FACTS = Object.keys(RULES) as FactName[];

interface ShownClaim {
  department: string;
  value: number;
  vintage: string | null;
  provenance: { source: string; recordId: string };
}
interface ShownFact {
  value: number;
  agreement: string;
  explanation: string;
  claims: ShownClaim[];
  disagreements: { one: ShownClaim; other: ShownClaim; agreement: string; explanation: string }[];
  missing: { department: string; reason: string }[];
}
type ShownPlace = { iso: string } & Record<`${FactName}Fact`, ShownFact | null>;

const economies = openEconomies();
const subgraphs = {
  ...Object.fromEntries(economiesSubgraphs(economies)),
  [CLAIMS]: economiesClaims(economies.departments),
};
let federation: SmallFederation;
let places: ShownPlace[];

const CLAIM = 'department value vintage provenance { source recordId }';
const QUERY = `query Facts($isos: [ID!]!) { places(isos: $isos) { iso ${FACTS.map(
  (fact) =>
    `${fact}Fact { value agreement explanation claims { ${CLAIM} }
      disagreements { one { ${CLAIM} } other { ${CLAIM} } agreement explanation } missing { department reason } }`,
).join('\n')} } }`;

beforeAll(async () => {
  federation = await federate({ registry, ...subgraphs });
  const answer = await federation.ask(QUERY, { isos: ISO_CODES });
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  places = answer.data!['places'] as ShownPlace[];
});
afterAll(() => federation.close());

/** One pair, by the plainest reading of the rules. */
function judgePair(fact: FactName, one: RawClaim, other: RawClaim): string {
  const rules = RULES[fact];
  const difference = Math.abs(one.value - other.value);
  const greater = Math.max(one.value, other.value);
  const allowed = Math.max(rules.part * greater, rules.unit);
  if (difference <= allowed) return 'AGREE';
  if (one.meaning !== other.meaning) return 'DIFFERENT_DEFINITION';
  const [earlier, later] = one.years[0] < other.years[0] ? [one, other] : [other, one];
  if (later.years[0] <= earlier.years[1]) return 'CONFLICT';
  const years = (later.years[0] + later.years[1] - earlier.years[0] - earlier.years[1]) / 2;
  return difference <= allowed + years * Math.max(rules.partAYear * greater, rules.unitAYear)
    ? 'DIFFERENT_VINTAGE'
    : 'CONFLICT';
}

function judge(fact: FactName, iso: string): string | null {
  const claims = rawClaims(fact, iso);
  if (claims.length < 2) return claims.length === 0 ? null : 'SINGLE';
  const pairs = claims.flatMap((one, at) => claims.slice(at + 1).map((other) => judgePair(fact, one, other)));
  return ['CONFLICT', 'DIFFERENT_DEFINITION', 'DIFFERENT_VINTAGE', 'AGREE'].find((each) => pairs.includes(each)) ?? '';
}

function countsOf(agreements: (string | null)[]): Record<string, number> {
  const counts = Object.groupBy(agreements, (agreement) => agreement ?? 'nobody');
  return Object.fromEntries(Object.entries(counts).map(([agreement, of]) => [agreement, of!.length]));
}

test.each(FACTS)('of %s every place has the agreement that the packages themselves come to', (fact) => {
  const shown = places.map((place) => [place.iso, place[`${fact}Fact`]?.agreement ?? null]);
  expect(shown).toEqual(ISO_CODES.map((iso) => [iso, judge(fact, iso)]));
});

test('the counts are those that docs/facts.md and ARCHITECTURE tell', () => {
  const counts = FACTS.map((fact) => [fact, countsOf(places.map((place) => place[`${fact}Fact`]?.agreement ?? null))]);
  expect(Object.fromEntries(counts)).toEqual({
    population: { AGREE: 7, DIFFERENT_VINTAGE: 178, DIFFERENT_DEFINITION: 2, CONFLICT: 61, SINGLE: 4 },
    area: { AGREE: 196, DIFFERENT_DEFINITION: 4, CONFLICT: 30, SINGLE: 17, nobody: 5 },
    literacy: { AGREE: 66, DIFFERENT_DEFINITION: 93, SINGLE: 93 },
    lifeExpectancy: { AGREE: 3, DIFFERENT_VINTAGE: 154, CONFLICT: 53, SINGLE: 17, nobody: 25 },
  });
});

test.each(FACTS)(
  'of %s every claim is what stands in its package, and the value is that of the most authority',
  (fact) => {
    for (const place of places) {
      const shown = place[`${fact}Fact`];
      const raw = rawClaims(fact, place.iso);
      expect([place.iso, shown?.claims.map(({ value }) => value) ?? []]).toEqual([
        place.iso,
        raw.map(({ value }) => value),
      ]);
      expect(shown?.claims.map(({ vintage }) => vintage) ?? []).toEqual(
        raw.map(({ years }) => [...new Set(years)].join('/')),
      );
      expect(shown?.value).toBe(raw[0]?.value);
    }
  },
);

test.each(FACTS)('each conflict about %s shows two sources, the year of each, and what they say', (fact) => {
  const conflicts = places.flatMap((place) =>
    (place[`${fact}Fact`]?.disagreements ?? []).filter(({ agreement }) => agreement === 'CONFLICT'),
  );
  for (const { one, other, explanation } of conflicts) {
    expect(one.provenance.source).not.toBe(other.provenance.source);
    for (const claim of [one, other]) {
      expect(claim.vintage).toMatch(/^\d{4}(\/\d{4})?$/);
      expect(explanation).toContain(`${claim.department} (${claim.provenance.source}) says`);
      expect(explanation).toContain(claim.vintage);
    }
  }
  expect(conflicts.length > 0).toBe(fact !== 'literacy');
});

test('each department is asked once for all facts of all places, and the claims once for each fact', () => {
  const asked = countsOf(federation.requests.map(({ service }) => service));
  const departments = ['almanac', 'civil-affairs', 'education', 'population', 'public-health', 'registry', 'surveying'];
  expect(asked).toEqual({ ...Object.fromEntries(departments.map((name) => [name, 1])), [CLAIMS]: FACTS.length });
});

test('a fact says in words who says what, of which year, and what explains the difference', async () => {
  const { data } = await federation.ask(
    '{ places(isos: ["GQ", "FR", "VA"]) { populationFact { value explanation } areaFact { explanation } lifeExpectancyFact { agreement } } }',
  );
  const [guinea, france, vatican] = data!['places'] as ShownPlace[];
  expect(guinea?.populationFact).toEqual({
    value: 740_743,
    explanation:
      'population (The World Factbook) says 740,743 persons (2015); civil-affairs (Unicode Common Locale Data Repository) says ' +
      '1,795,830 persons (2025, put down for it). The difference is 1,055,087 persons, 58.8%. Tolerance and years between them allow ' +
      '574,739 persons. Nothing that is known of them explains it.',
  });
  expect(france?.areaFact?.explanation).toBe(
    'surveying (The World Factbook) says 643,801 square kilometres (2015, put down for it); almanac (country-json) says 551,500 square ' +
      'kilometres (2000/2001, put down for it). The difference is 92,301 square kilometres, 14.3%. They mean different things. ' +
      'surveying: Land and inland water. almanac: Land and inland water of the part in Europe.',
  );
  expect(vatican?.lifeExpectancyFact).toBeNull();
});

test('docs/facts.md shows a query and the answer that it has', async () => {
  const page = readFileSync(`${projectRoot}docs/facts.md`, 'utf8');
  const [query, answer] = ['graphql', 'json'].map((kind) => page.split(`\`\`\`${kind}\n`)[1]!.split('```')[0]!);
  expect((await federation.ask(query!)).data).toEqual(JSON.parse(answer!));
});

test('a department that is down is missing, and whether the one that is left stands alone is not made up', async () => {
  const down = { ...subgraphs, almanac: { ...economiesSubgraphs(economies).get('almanac')!, isDown: true } };
  const without = await federate({ registry, ...down });
  try {
    const { data, errors } = await without.ask(
      `{ place(iso: "FR") { ${FACTS.map((fact) => `${fact}Fact { agreement missing { department reason } }`).join(' ')} } }`,
    );
    const missing = [{ department: 'almanac', reason: 'NOT_ANSWERED' }];
    expect(data?.['place']).toEqual({
      populationFact: { agreement: 'DIFFERENT_VINTAGE', missing },
      areaFact: { agreement: null, missing },
      literacyFact: { agreement: 'SINGLE', missing: [{ department: 'education', reason: 'NOTHING_KNOWN' }] },
      lifeExpectancyFact: { agreement: null, missing },
    });
    expect(errors?.map(({ extensions }) => extensions['service'])).toContain('almanac');
  } finally {
    await without.close();
  }
});
