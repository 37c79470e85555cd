import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { planning } from '../../subgraphs/planning/department.ts';
import { generateCity } from '../../systems/city/generate.ts';
import { planningMadeFrom, seedPlanningInMariaDb } from '../../systems/planning/seed-mariadb.ts';
import { seedPlanning } from '../../systems/planning/seed.ts';
import { ask } from '../kit/ask.ts';
import { askEntities, temporaryFolder } from '../kit/department.ts';
import { runStatements, startMariaDb, type TestMariaDb } from '../kit/mariadb.ts';

const { parcels } = generateCity({ enterprises: 500, months: 1 });
let folder: ReturnType<typeof temporaryFolder>;
let mariaDb: TestMariaDb;
beforeAll(async () => {
  folder = temporaryFolder();
  mariaDb = await startMariaDb();
});
afterAll(async () => {
  await mariaDb.stop();
  folder.close();
});

const EVERYTHING =
  'pin district address landUse areaM2 titleKind holderName holder { uscc } registeredOn expiresOn synthetic';
const told = parcels.map(({ title: { kind, holderName, holderUscc, registeredOn, expiresOn }, ...parcel }) => ({
  ...parcel,
  ...{ titleKind: kind, holderName, holder: holderUscc === null ? null : { uscc: holderUscc } },
  ...{ registeredOn, expiresOn, synthetic: true },
}));

/** Where the book may lie: the department is the same. */
const places = {
  SQLite: async () => {
    seedPlanning(folder.file('planning.sqlite'), parcels, 'f');
    return { PLANNING_DATABASE_FILE: folder.file('planning.sqlite') };
  },
  MariaDB: async () => {
    const url = await mariaDb.createDatabase();
    await seedPlanningInMariaDb(url, parcels, 'f');
    return { MARIADB_URL: url };
  },
};

describe.each(Object.entries(places))('planning and land on %s', (_, place) => {
  let subgraph: RunningSubgraph;
  beforeAll(async () => {
    subgraph = await serveDepartment(planning, { ...(await place()), PORT: '0' });
  });
  afterAll(() => subgraph.close());

  test('every parcel comes back as the book has it, and an unknown one is null', async () => {
    const keys = [...parcels.map(({ pin }) => pin), '990104-0000000', 'x'];
    const representations = keys.map((pin) => ({ __typename: 'Parcel', pin }));
    const answer = await askEntities(subgraph.url, representations, `... on Parcel { ${EVERYTHING} }`);
    expect(answer).toEqual({ data: { _entities: [...told, null, null] } });
  });

  test('an enterprise has the parcels whose title names it', async () => {
    const holders = [...new Set(parcels.map(({ title }) => title.holderUscc ?? '99999999999999999X'))];
    const representations = holders.map((uscc) => ({ __typename: 'Enterprise', uscc }));
    const answer = await askEntities(subgraph.url, representations, '... on Enterprise { parcels { pin } }');
    const expected = holders.map((uscc) => ({
      parcels: parcels.filter(({ title }) => title.holderUscc === uscc).map(({ pin }) => ({ pin })),
    }));
    expect(answer).toEqual({ data: { _entities: expected } });
  });

  test('parcels are found page by page, by district and use', async () => {
    const { district, landUse } = parcels[0]!;
    const seen: string[] = [];
    const query = `query ($after: ID, $district: String, $landUse: LandUse) {
      parcels(first: 7, after: $after, district: $district, landUse: $landUse) { pin } }`;
    for (let after: string | undefined; ; after = seen.at(-1)) {
      const { data } = await ask(subgraph.url, query, { after, district, landUse });
      const page = data?.['parcels'] as { pin: string }[];
      seen.push(...page.map(({ pin }) => pin));
      if (page.length < 7) break;
    }
    const alike = parcels.filter((parcel) => parcel.district === district && parcel.landUse === landUse);
    expect(seen).toEqual(alike.map(({ pin }) => pin));
  });
});

test('a book of the same is kept in MariaDB, another one replaced, and a table that no seed made left alone', async () => {
  const url = await mariaDb.createDatabase();
  expect(await planningMadeFrom(url)).toBeUndefined();
  await seedPlanningInMariaDb(url, parcels, 'one');
  await runStatements(url, ['DELETE FROM parcel LIMIT 1']);
  await seedPlanningInMariaDb(url, parcels, 'one');
  const count = async () => Number((await runStatements(url, ['SELECT count(*) AS n FROM parcel']))[0]?.['n']);
  expect([await count(), await planningMadeFrom(url)]).toEqual([parcels.length - 1, 'one']);
  await seedPlanningInMariaDb(url, parcels, 'two');
  expect([await count(), await planningMadeFrom(url)]).toEqual([parcels.length, 'two']);
  await runStatements(url, ['DROP TABLE parcel_made_from']);
  await expect(seedPlanningInMariaDb(url, parcels, 'three')).rejects.toThrow("Table 'parcel' already exists");
});

test('without a place for the book it does not start', async () => {
  await expect(serveDepartment(planning, { PORT: '0' })).rejects.toThrow('PLANNING_DATABASE_FILE is not set');
  const env = { MARIADB_URL: 'mysql://127.0.0.1:1/x', PORT: '0' };
  await expect(serveDepartment(planning, env)).rejects.toThrow(/does not let us in \(.*\); check MARIADB_URL/);
});
