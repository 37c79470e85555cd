import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { market } from '../../subgraphs/market/department.ts';
import { generateCity } from '../../systems/city/generate.ts';
import { seedMarket } from '../../systems/market/seed.ts';
import { ask } from '../kit/ask.ts';
import { askEntities, closingAfterEach } from '../kit/department.ts';
import { connectTo, emptyDatabase } from '../kit/postgres-client.ts';
import type { DatabaseRelay } from '../kit/database-relay.ts';
import { startPostgresRelay } from '../kit/postgres-relay.ts';
import { createDatabase, type TestDatabase } from '../kit/services.ts';

const city = generateCity({ enterprises: 300, months: 1 });
const inOrder = city.enterprises.toSorted((one, other) => (one.uscc < other.uscc ? -1 : 1));
const [first, second] = city.enterprises as [(typeof city.enterprises)[number], (typeof city.enterprises)[number]];
const closing = closingAfterEach();

let database: TestDatabase;
let relay: DatabaseRelay;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  database = await createDatabase(inject('databaseUrl'));
  await seedMarket(database.url, city);
  relay = await startPostgresRelay(database.url);
  subgraph = await serveDepartment(market, { DATABASE_URL: relay.url, MARKET_TIMEOUT_MS: '400', PORT: '0' });
});

afterAll(async () => {
  await subgraph.close();
  await relay.close();
  await database.drop();
});

test('an enterprise is answered with every fact of its record, by either of its keys', async () => {
  const held = city.enterprises.find(({ shareholders }) => shareholders.some(({ enterpriseUscc }) => enterpriseUscc))!;
  const selection = `uscc regNo name status industry registeredCapitalCny registeredAddress establishedOn synthetic
    legalRepresentative { pid } shareholders { name sharePercent enterprise { uscc } }`;
  const answer = await ask(
    subgraph.url,
    `query ($uscc: ID!, $regNo: ID!) { enterprise(uscc: $uscc) { ${selection} } enterpriseByRegNo(regNo: $regNo) { ${selection} } }`,
    { uscc: held.uscc, regNo: held.regNo },
  );
  const { legalRepresentativePid, shareholders, ...facts } = held;
  const expected = {
    ...facts,
    synthetic: true,
    legalRepresentative: { pid: legalRepresentativePid },
    shareholders: shareholders.map(({ name, sharePercent, enterpriseUscc }) => ({
      name,
      sharePercent,
      enterprise: enterpriseUscc === null ? null : { uscc: enterpriseUscc },
    })),
  };
  expect(answer).toEqual({ data: { enterprise: expected, enterpriseByRegNo: expected } });
});

test('300 enterprises with shareholders and the enterprises among these are three statements, in the order asked', async () => {
  const before = relay.statements;
  const keys = city.enterprises.toReversed().map(({ uscc }) => byUscc(uscc));
  const answer = await askEntities(
    subgraph.url,
    keys,
    '... on Enterprise { uscc legalRepresentative { pid } shareholders { name enterprise { name } } }',
  );
  expect(answer.errors).toBeUndefined();
  expect(answer.data?._entities.map((entity) => entity?.['uscc'])).toEqual(keys.map(({ uscc }) => uscc));
  expect(relay.statements - before).toBeLessThanOrEqual(3);
});

test('entities by both keys in one batch are one statement a key', async () => {
  const before = relay.statements;
  const keys = [byUscc(first.uscc), byRegNo(second.regNo), byUscc(second.uscc), byRegNo(first.regNo)];
  const answer = await askEntities(subgraph.url, keys, '... on Enterprise { name }');
  const names = [first, second, second, first].map(({ name }) => ({ name }));
  expect(answer).toEqual({ data: { _entities: names } });
  expect(relay.statements - before).toBe(2);
});

test('an unknown key is null and spoils no other of its batch', async () => {
  const strange = ['919901010000000000', first.uscc.toLowerCase(), '', '\u0000', "' or 1=1 --", 'X'.repeat(10_000)];
  const keys = [...strange.map(byUscc), ...['000000000000000', '\u0000', ''].map(byRegNo), byUscc(first.uscc)];
  const answer = await askEntities(subgraph.url, keys, '... on Enterprise { name }');
  expect(answer).toEqual({ data: { _entities: [...keys.slice(1).map(() => null), { name: first.name }] } });
});

test('an unknown enterprise is null', async () => {
  const answer = await ask(
    subgraph.url,
    '{ enterprise(uscc: "919901010000000000") { name } enterpriseByRegNo(regNo: "1") { name } }',
  );
  expect(answer).toEqual({ data: { enterprise: null, enterpriseByRegNo: null } });
});

test('enterprises go on after the last one seen until there are no more', async () => {
  const seen: string[] = [];
  for (let after: string | null = null; ;) {
    const { data } = await ask(subgraph.url, 'query ($after: ID) { enterprises(first: 100, after: $after) { uscc } }', {
      after,
    });
    const page = (data!['enterprises'] as { uscc: string }[]).map(({ uscc }) => uscc);
    if (page.length === 0) break;
    seen.push(...page);
    after = page.at(-1) ?? null;
  }
  expect(seen).toEqual(inOrder.map(({ uscc }) => uscc));
});

test('enterprises can be narrowed by status and by a part of the name in any case, twenty unless told otherwise', async () => {
  const answer = await ask(
    subgraph.url,
    '{ all: enterprises { uscc } revoked: enterprises(status: REVOKED, first: 100) { uscc } named: enterprises(name: "TRADING", first: 100) { uscc } }',
  );
  const codes = (rows: typeof inOrder) => rows.map(({ uscc }) => ({ uscc }));
  expect(answer.data).toEqual({
    all: codes(inOrder.slice(0, 20)),
    revoked: codes(inOrder.filter(({ status }) => status === 'REVOKED')),
    named: codes(inOrder.filter(({ name }) => name.toLowerCase().includes('trading'))),
  });
  expect(inOrder.filter(({ status }) => status === 'REVOKED').length).toBeGreaterThan(0);
});

test.each(['%%', '__', "x' or name like '%", '\\\\'])('the name %s is looked for as it is written', async (name) => {
  const answer = await ask(subgraph.url, 'query ($name: String) { enterprises(name: $name) { uscc } }', { name });
  expect(answer).toEqual({ data: { enterprises: [] } });
});

test.each([
  ['first: 0', 'first is 0; it must be from 1 to 100.'],
  ['first: 101', 'first is 101; it must be from 1 to 100.'],
  ['after: "A"', 'after is "A"; it must be the uscc of an enterprise, 18 letters and digits.'],
  ['name: "a"', 'name is "a"; it must be 2 to 200 characters of an enterprise\'s name.'],
  ['name: "a\\u0000b"', 'name is "a\u0000b"; it must be 2 to 200 characters of an enterprise\'s name.'],
])('enterprises(%s) is refused before anything is asked', async (argument, message) => {
  const before = relay.statements;
  const answer = await ask(subgraph.url, `{ enterprises(${argument}) { uscc } }`);
  expect(answer.errors).toMatchObject([{ message, path: ['enterprises'], extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(relay.statements).toBe(before);
});

test('a row that breaks the schema is an error at its field, and a fact that is missing is null', async () => {
  const own = closing(await seededDatabase());
  const client = closing(await connectTo(own.url));
  await client.query(
    'update market.enterprise set status = $1, registered_capital_cny = null, legal_representative_pid = null where uscc = $2',
    ['DORMANT', first.uscc],
  );
  const running = closing(await serveDepartment(market, { DATABASE_URL: own.url, PORT: '0' }));
  const answer = await askEntities(
    running.url,
    [byUscc(first.uscc), byUscc(second.uscc)],
    '... on Enterprise { name status registeredCapitalCny legalRepresentative { pid } }',
  );
  expect(answer.data?._entities[0]).toEqual({
    name: first.name,
    status: null,
    registeredCapitalCny: null,
    legalRepresentative: null,
  });
  expect(answer.data?._entities[1]).toMatchObject({ name: second.name, status: second.status });
  expect(answer.errors).toMatchObject([{ path: ['_entities', 0, 'status'] }]);
});

test('a statement over its time limit is an error at its field, and the rest is answered', async () => {
  const client = closing(await connectTo(database.url));
  await client.query('begin; lock table market.shareholder in access exclusive mode');
  const answer = await askEntities(
    subgraph.url,
    [byUscc(first.uscc)],
    '... on Enterprise { name shareholders { name } }',
  );
  expect(answer).toMatchObject({
    data: { _entities: [{ name: first.name, shareholders: null }] },
    errors: [
      {
        message: 'The enterprise register did not answer.',
        path: ['_entities', 0, 'shareholders'],
        extensions: { code: 'SYSTEM_UNAVAILABLE' },
      },
    ],
  });
});

test('a database that goes away is an error without its address, and is found again when it is back', async () => {
  relay.cut();
  const gone = await askEntities(subgraph.url, [byUscc(first.uscc)], '... on Enterprise { name }');
  expect(gone.errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'SYSTEM_UNAVAILABLE' } }]);
  expect(JSON.stringify(gone)).not.toContain(new URL(relay.url).port);
  relay.restore();
  const back = await askEntities(subgraph.url, [byUscc(first.uscc)], '... on Enterprise { name }');
  expect(back).toEqual({ data: { _entities: [{ name: first.name }] } });
});

test('seeding the same records again writes nothing, and other records replace them whole', async () => {
  const own = closing(await seededDatabase());
  const client = closing(await connectTo(own.url));
  const mark = async (): Promise<unknown> =>
    (await client.query<object>('select min(xmin::text), count(*)::int from market.enterprise')).rows[0];
  const before = await mark();
  expect(await seedMarket(own.url, city)).toEqual({ enterprises: 300 });
  expect(await mark()).toEqual(before);
  const other = generateCity({ seed: 2, enterprises: 20, months: 1 });
  const counts = await Promise.all([seedMarket(own.url, other), seedMarket(own.url, other)]);
  expect(counts).toEqual([{ enterprises: 20 }, { enterprises: 20 }]);
  const { rows } = await client.query<{ uscc: string }>('select uscc from market.enterprise');
  expect(new Set(rows.map(({ uscc }) => uscc))).toEqual(new Set(other.enterprises.map(({ uscc }) => uscc)));
});

test('tables of somebody else in the schema are left alone', async () => {
  const own = closing(await emptyDatabase());
  const client = closing(await connectTo(own.url));
  await client.query(`create schema market; create table market.enterprise as select 'mine' as uscc`);
  await expect(seedMarket(own.url, city)).rejects.toThrow('relation "enterprise" already exists');
  expect((await client.query('select * from market.enterprise')).rows).toEqual([{ uscc: 'mine' }]);
});

test('a start without a database says in one line what is missing', async () => {
  const own = closing(await emptyDatabase());
  const start = (DATABASE_URL: string | undefined) => serveDepartment(market, { DATABASE_URL, PORT: '0' });
  await expect(start(undefined)).rejects.toThrow('DATABASE_URL is not set; it must be a postgres:// URL');
  await expect(start(own.url)).rejects.toThrow('the database holds no enterprise register; npm start fills one');
  const nowhere = 'postgres://user:secret@127.0.0.1:1/none';
  await expect(start(nowhere)).rejects.toThrow(
    /^PostgreSQL does not let us in \(.*ECONNREFUSED.*\); check DATABASE_URL$/,
  );
  await expect(seedMarket(nowhere, city)).rejects.toThrow(
    /^market register: PostgreSQL does not let us in \((?!.*secret)/,
  );
});

function byUscc(uscc: string): { __typename: string; uscc: string } {
  return { __typename: 'Enterprise', uscc };
}

function byRegNo(regNo: string): { __typename: string; regNo: string } {
  return { __typename: 'Enterprise', regNo };
}

async function seededDatabase(): Promise<{ url: string; close(): Promise<void> }> {
  const own = await emptyDatabase();
  await seedMarket(own.url, city);
  return own;
}
