import { countries } from 'countries-list';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { territory } from '../../subgraphs/territory/department.ts';
import { makeCrosswalk } from '../../systems/territory/crosswalk.ts';
import { seedTerritory } from '../../systems/territory/seed.ts';
import { ask } from '../kit/ask.ts';
import { askEntities, closingAfterEach } from '../kit/department.ts';
import { connectTo, emptyDatabase } from '../kit/postgres-client.ts';
import type { DatabaseRelay } from '../kit/database-relay.ts';
import { startPostgresRelay } from '../kit/postgres-relay.ts';
import { createDatabase, type TestDatabase } from '../kit/services.ts';

const ISO_CODES = Object.keys(countries);
const closing = closingAfterEach();

let database: TestDatabase;
let relay: DatabaseRelay;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  database = await createDatabase(inject('databaseUrl'));
  await seedTerritory(database.url);
  relay = await startPostgresRelay(database.url);
  subgraph = await serveDepartment(territory, { DATABASE_URL: relay.url, PORT: '0' });
});

afterAll(async () => {
  await subgraph.close();
  await relay.close();
  await database.drop();
});

test('a place is answered with its facts and its codes in other systems', async () => {
  const answer = await ask(
    subgraph.url,
    '{ place(iso: "CH") { iso name nativeName capital continent currencies languages callingCodes codes { system code method } } }',
  );
  expect(answer).toEqual({
    data: {
      place: {
        iso: 'CH',
        name: 'Switzerland',
        nativeName: 'Schweiz',
        capital: 'Bern',
        continent: 'EU',
        currencies: countries.CH.currency,
        languages: countries.CH.languages,
        callingCodes: ['41'],
        codes: [
          { system: 'GEC', code: 'SZ', method: 'STATED' },
          { system: 'ISO3', code: 'CHE', method: 'STATED' },
          { system: 'ISO_NUMERIC', code: '756', method: 'STATED' },
        ],
      },
    },
  });
});

test('a place without a capital has none, and an empty list of what it does not use', async () => {
  const answer = await ask(subgraph.url, '{ place(iso: "AQ") { capital currencies languages } }');
  expect(answer).toEqual({ data: { place: { capital: null, currencies: [], languages: [] } } });
});

test.each([
  ['AU', 'AT'],
  ['CH', 'CN'],
  ['GM', 'DE'],
  ['BG', 'BD'],
  ['GA', 'GM'],
  ['FR', 'FR'],
  ['SX', 'GS'],
  ['NN', 'SX'],
  ['CW', 'CK'],
  ['UC', 'CW'],
  ['VQ', 'VI'],
  ['VI', 'VG'],
  ['KV', 'XK'],
  ['RI', 'RS'],
  ['OD', 'SS'],
  ['AC', 'AG'],
])('the GEC code %s leads to %s', async (code, iso) => {
  const answer = await ask(subgraph.url, `{ placeByCode(system: GEC, code: "${code}") { iso } }`);
  expect(answer).toEqual({ data: { placeByCode: { iso } } });
});

test.each(['RB', 'SS', 'XK', 'AX', 'BQ', 'TA', 'UM', 'au', "AU'", '', '\u0000'])(
  'the GEC code %j, which is nobody’s, leads to no place',
  async (code) => {
    const query = 'query ($code: String!) { placeByCode(system: GEC, code: $code) { iso } }';
    expect(await ask(subgraph.url, query, { code })).toEqual({ data: { placeByCode: null } });
  },
);

test('the crosswalk says how each GEC code was found, and leaves out places that have none', async () => {
  const keys = ['FR', 'CH', 'SX', 'CW', 'XK', 'RS', 'SS', 'VI', 'AX', 'BQ', 'TA', 'UM', 'AC'];
  const answer = await askEntities(subgraph.url, keys.map(place), '... on Place { iso codes { system code method } }');
  const gec = (answer.data?._entities ?? []).map((entity) => {
    const codes = entity?.['codes'] as { system: string; code: string; method: string }[];
    return [entity?.['iso'], ...codes.flatMap(({ system, code, method }) => (system === 'GEC' ? [code, method] : []))];
  });
  expect(gec).toEqual([
    ['FR', 'FR', 'SAME_BY_CONVENTION'],
    ['CH', 'SZ', 'STATED'],
    ['SX', 'NN', 'CORRECTED'],
    ['CW', 'UC', 'CORRECTED'],
    ['XK', 'KV', 'CORRECTED'],
    ['RS', 'RI', 'CORRECTED'],
    ['SS', 'OD', 'CORRECTED'],
    ['VI', 'VQ', 'STATED'],
    ['AX'],
    ['BQ'],
    ['TA'],
    ['UM'],
    ['AC'],
  ]);
});

test('a source that gives two places one code is refused', () => {
  const mappings = { DE: { _alpha3: 'DEU' }, FR: { _alpha3: 'DEU' } };
  expect(() => makeCrosswalk(['DE', 'FR'], mappings)).toThrow('The ISO3 code DEU leads to DE and to FR');
});

test('letters that are another place’s stated code are not taken for one’s own', () => {
  const { rows, withoutGec } = makeCrosswalk(['DE', 'GM'], { DE: { _fips10: 'GM' }, GM: { _alpha3: 'GMB' } });
  expect(rows.filter(({ system }) => system === 'GEC')).toEqual([
    { system: 'GEC', code: 'GM', iso: 'DE', method: 'STATED' },
  ]);
  expect(withoutGec).toEqual(['GM']);
});

test('all places with their codes are two statements, in the order asked', async () => {
  const before = relay.statements;
  const answer = await askEntities(
    subgraph.url,
    ISO_CODES.toReversed().map(place),
    '... on Place { iso codes { code } }',
  );
  expect(answer.errors).toBeUndefined();
  expect(answer.data?._entities.map((entity) => entity?.['iso'])).toEqual(ISO_CODES.toReversed());
  expect(relay.statements - before).toBe(2);
});

test('look-ups by place and by code in one operation are one statement each', async () => {
  const before = relay.statements;
  const answer = await ask(
    subgraph.url,
    `{ a: place(iso: "FR") { name } b: place(iso: "DE") { name } c: place(iso: "FR") { name }
       d: placeByCode(system: ISO3, code: "FRA") { name } e: placeByCode(system: ISO_NUMERIC, code: "276") { name } }`,
  );
  const [france, germany] = [{ name: 'France' }, { name: 'Germany' }];
  expect(answer).toEqual({ data: { a: france, b: germany, c: france, d: france, e: germany } });
  expect(relay.statements - before).toBe(2);
});

test('an unknown key is null and spoils no other of its batch', async () => {
  const keys = ['FR', 'ZZ', 'fr', '', '\u0000', "FR' or 1=1 --", 'x'.repeat(10_000)];
  const answer = await askEntities(subgraph.url, keys.map(place), '... on Place { name }');
  expect(answer).toEqual({ data: { _entities: [{ name: 'France' }, null, null, null, null, null, null] } });
});

test('places go on after the last one seen until there are no more', async () => {
  const seen: string[] = [];
  for (let after: string | null = null; ;) {
    const query = 'query ($after: ID) { places(first: 100, after: $after) { iso } }';
    const { data } = await ask(subgraph.url, query, { after });
    const page = z
      .array(z.object({ iso: z.string() }))
      .parse(data?.['places'])
      .map(({ iso }) => iso);
    if (page.length === 0) break;
    seen.push(...page);
    after = page.at(-1) ?? null;
  }
  expect(seen).toEqual(ISO_CODES.toSorted());
});

test('places can be narrowed to a continent, twenty of them unless told otherwise', async () => {
  const answer = await ask(
    subgraph.url,
    '{ places(continent: "AF", first: null) { continent } none: places(continent: "ZZ") { iso } }',
  );
  expect(answer.data?.['places']).toEqual(Array.from({ length: 20 }, () => ({ continent: 'AF' })));
  expect(answer.data?.['none']).toEqual([]);
});

test.each([
  ['first: 0', 'first is 0; it must be from 1 to 100.'],
  ['first: 101', 'first is 101; it must be from 1 to 100.'],
  ['after: "France"', 'after is "France"; it must be the iso of a place, two letters in upper case.'],
  ['continent: "eu"', 'continent is "eu"; it must be a two-letter code in upper case, such as EU.'],
])('places(%s) is refused before anything is asked', async (argument, message) => {
  const before = relay.statements;
  const answer = await ask(subgraph.url, `{ places(${argument}) { iso } }`);
  expect(answer.errors).toMatchObject([{ message, path: ['places'], extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(relay.statements).toBe(before);
});

test('a statement over its time limit is an error at its field, and the rest is answered', async () => {
  const impatient = { DATABASE_URL: database.url, TERRITORY_TIMEOUT_MS: '500', PORT: '0' };
  const { url } = closing(await serveDepartment(territory, impatient));
  const client = closing(await connectTo(database.url));
  await client.query('begin; lock table territory.place_code in access exclusive mode');
  const answer = await askEntities(url, [place('FR')], '... on Place { name codes { code } }');
  expect(answer).toMatchObject({
    data: { _entities: [{ name: 'France', codes: null }] },
    errors: [
      {
        message: 'The territory registry did not answer.',
        path: ['_entities', 0, 'codes'],
        extensions: { code: 'SYSTEM_UNAVAILABLE' },
      },
    ],
  });
});

test('a database that goes away is an error without its address, and is found again when it is back', async () => {
  relay.cut();
  const gone = await askEntities(subgraph.url, [place('FR')], '... on Place { name }');
  expect(gone.errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'SYSTEM_UNAVAILABLE' } }]);
  expect(JSON.stringify(gone)).not.toContain(new URL(relay.url).port);
  relay.restore();
  const back = await askEntities(subgraph.url, [place('FR')], '... on Place { name }');
  expect(back).toEqual({ data: { _entities: [{ name: 'France' }] } });
});

test('seeding counts what it wrote and does not write it again', async () => {
  const client = closing(await connectTo(database.url));
  const mark = async () =>
    (await client.query<{ xmin: string }>('select distinct xmin::text from territory.place')).rows;
  const before = await mark();
  const counts = await seedTerritory(database.url);
  expect(counts.places).toBe(ISO_CODES.length);
  const { rows } = await client.query<{ codes: number; gec: number }>(
    `select count(*)::int as codes, count(*) filter (where system = 'GEC')::int as gec from territory.place_code`,
  );
  expect(rows).toEqual([{ codes: counts.codes, gec: counts.places - counts.withoutGec }]);
  expect(await mark()).toEqual(before);
});

test('a registry made from other sources is replaced whole, by two seedings at once as by one', async () => {
  const own = closing(await emptyDatabase());
  const counts = await Promise.all([seedTerritory(own.url), seedTerritory(own.url)]);
  expect(counts[0]).toEqual(counts[1]);
  const client = closing(await connectTo(own.url));
  await client.query(
    `update territory.seed set digest = 'older'; delete from territory.place_code; update territory.place set name = 'x'`,
  );
  expect(await seedTerritory(own.url)).toEqual(counts[0]);
  const { rows } = await client.query(
    `select name, (select count(*)::int from territory.place_code) as codes from territory.place where iso = 'FR'`,
  );
  expect(rows).toEqual([{ name: 'France', codes: counts[0].codes }]);
});

test('tables of somebody else in the schema are left alone', async () => {
  const own = closing(await emptyDatabase());
  const client = closing(await connectTo(own.url));
  await client.query(`create schema territory; create table territory.place as select 'mine' as iso`);
  await expect(seedTerritory(own.url)).rejects.toThrow('relation "place" already exists');
  expect((await client.query('select * from territory.place')).rows).toEqual([{ iso: 'mine' }]);
});

test('a start without a database says in one line what is missing', async () => {
  const own = closing(await emptyDatabase());
  const start = (DATABASE_URL: string | undefined) => serveDepartment(territory, { DATABASE_URL, PORT: '0' });
  await expect(start(undefined)).rejects.toThrow('DATABASE_URL is not set; it must be a postgres:// URL');
  await expect(start(own.url)).rejects.toThrow('the database holds no territory registry; npm start fills one');
  const nowhere = 'postgres://user:secret@127.0.0.1:1/none';
  await expect(start(nowhere)).rejects.toThrow(
    /^PostgreSQL does not let us in \(.*ECONNREFUSED.*\); check DATABASE_URL$/,
  );
  await expect(seedTerritory(nowhere)).rejects.toThrow(
    /^territory registry: PostgreSQL does not let us in \((?!.*secret)/,
  );
});

function place(iso: string): { __typename: string; iso: string } {
  return { __typename: 'Place', iso };
}
