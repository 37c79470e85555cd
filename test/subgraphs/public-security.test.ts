import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { StartError } from '../../subgraphs/kit/program.ts';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { publicSecurity } from '../../subgraphs/public-security/department.ts';
import { generateCity } from '../../systems/city/generate.ts';
import { seedPublicSecurity } from '../../systems/public-security/seed.ts';
import { askEntities } from '../kit/department.ts';
import type { DatabaseRelay } from '../kit/database-relay.ts';
import { startPostgresRelay } from '../kit/postgres-relay.ts';
import { createDatabase, type TestDatabase } from '../kit/services.ts';

const { people } = generateCity({ enterprises: 300, months: 1 });

let database: TestDatabase;
let relay: DatabaseRelay;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  database = await createDatabase(inject('databaseUrl'));
  await seedPublicSecurity(database.url, people);
  relay = await startPostgresRelay(database.url);
  subgraph = await serveDepartment(publicSecurity, { DATABASE_URL: relay.url, PORT: '0' });
});

afterAll(async () => {
  await subgraph.close();
  await relay.close();
  await database.drop();
});

const byPid = (pid: string) => ({ __typename: 'Person', pid });
const EVERYTHING = '... on Person { pid name birthDate idNumber address synthetic }';

test('every person is answered by number, all in one statement; what is no number is nobody', async () => {
  const before = relay.statements;
  const strangers = ['P0000000000', '', '\u0000', "' or 1=1 --"];
  const answer = await askEntities(
    subgraph.url,
    [...people.map(({ pid }) => byPid(pid)), ...strangers.map(byPid)],
    EVERYTHING,
  );
  const expected = [...people.map((person) => ({ ...person, synthetic: true })), null, null, null, null];
  expect(answer).toEqual({ data: { _entities: expected } });
  expect(relay.statements - before).toBe(1);
});

test('a register made from the same records is kept, and one of others is replaced', async () => {
  expect(await seedPublicSecurity(database.url, people)).toEqual({ people: people.length });
  const [first] = people;
  const moved = [{ ...first!, address: 'moved away' }];
  expect(await seedPublicSecurity(database.url, moved)).toEqual({ people: 1 });
  const answer = await askEntities(subgraph.url, [byPid(first!.pid)], '... on Person { address }');
  expect(answer).toEqual({ data: { _entities: [{ address: 'moved away' }] } });
  await seedPublicSecurity(database.url, people);
});

test('without a database it does not start', async () => {
  await expect(serveDepartment(publicSecurity, { PORT: '0' })).rejects.toThrow(StartError);
});
