import { copyFileSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { identity } from '../../subgraphs/identity/department.ts';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { generateCity } from '../../systems/city/generate.ts';
import { seedIdentity, type IdentityCounts } from '../../systems/identity/seed.ts';
import { ask } from '../kit/ask.ts';
import { askEntities, closingAfterEach, temporaryFolder } from '../kit/department.ts';

const SAMPLE_USCC = '91990104MA95YFB981';
const city = generateCity({ enterprises: 500, months: 1 });
const truth = Map.groupBy(city.truth.links, ({ uscc }) => uscc);
const closing = closingAfterEach();

let folder: ReturnType<typeof temporaryFolder>;
let counts: IdentityCounts;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  folder = temporaryFolder();
  counts = seedIdentity(folder.file('inbox'), folder.file('identity.sqlite'), city);
  subgraph = await serveDepartment(identity, { IDENTITY_DATABASE_FILE: folder.file('identity.sqlite'), PORT: '0' });
});

afterAll(async () => {
  await subgraph.close();
  folder.close();
});

test('the sample enterprise leads to its keys in all systems, and each key leads back to it', async () => {
  const answer = await askEntities(
    subgraph.url,
    [enterprise(SAMPLE_USCC)],
    `... on Enterprise {
       uscc
       taxpayer { taxpayerId enterprise { uscc } }
       insuredUnit { unitNo enterprise { uscc } }
       powerCustomers { customerNo enterprise { uscc } }
       courtCases { caseNo enterprise { uscc } }
       identityLinks { system localKey method confidence enterprise { uscc } }
     }`,
  );
  const keysOf = (system: string) =>
    truth
      .get(SAMPLE_USCC)!
      .filter((link) => link.system === system)
      .map(({ localKey }) => localKey)
      .toSorted();
  const own = { uscc: SAMPLE_USCC };
  expect(answer.errors).toBeUndefined();
  expect(answer.data?._entities).toMatchObject([
    {
      uscc: SAMPLE_USCC,
      taxpayer: { taxpayerId: keysOf('TAX')[0], enterprise: own },
      insuredUnit: { unitNo: keysOf('SOCIAL_SECURITY')[0], enterprise: own },
      powerCustomers: keysOf('POWER').map((customerNo) => ({ customerNo, enterprise: own })),
      courtCases: keysOf('COURTS').map((caseNo) => ({ caseNo, enterprise: own })),
    },
  ]);
  const links = answer.data?._entities[0]?.['identityLinks'] as {
    system: string;
    method: string;
    confidence: number;
  }[];
  expect(links.map(({ system, method }) => `${system} ${method}`)).toEqual([
    'TAX EXACT',
    'POWER NAME_ADDRESS',
    'POWER NAME_ADDRESS',
    'SOCIAL_SECURITY NAME_ADDRESS',
    'COURTS NAME',
    'COURTS NAME',
  ]);
  for (const { confidence } of links) expect(confidence).toBeGreaterThanOrEqual(0.85);
});

test('no key leads to an enterprise that it does not stand for', async () => {
  const keys = [
    ...city.taxpayers.map(({ taxpayerId }) => ({ __typename: 'Taxpayer', taxpayerId })),
    ...city.insuredUnits.map(({ unitNo }) => ({ __typename: 'InsuredUnit', unitNo })),
    ...city.powerCustomers.map(({ customerNo }) => ({ __typename: 'PowerCustomer', customerNo })),
    ...city.courtCases.map(({ caseNo }) => ({ __typename: 'CourtCase', caseNo })),
  ];
  const answer = await askEntities(
    subgraph.url,
    keys,
    `... on Taxpayer { taxpayerId enterprise { uscc } } ... on InsuredUnit { unitNo enterprise { uscc } }
     ... on PowerCustomer { customerNo enterprise { uscc } } ... on CourtCase { caseNo enterprise { uscc } }`,
  );
  const known = new Map(city.truth.links.map(({ localKey, uscc }) => [localKey, uscc]));
  const led = (answer.data?._entities ?? []).map((entity) => ({
    localKey: (entity?.['taxpayerId'] ?? entity?.['unitNo'] ?? entity?.['customerNo'] ?? entity?.['caseNo']) as string,
    uscc: (entity?.['enterprise'] as { uscc: string } | null)?.uscc,
  }));
  const linked = led.filter(({ uscc }) => uscc !== undefined);
  expect(linked).toHaveLength(counts.links);
  expect(led.length - linked.length).toBe(counts.unresolved);
  expect(linked.filter(({ localKey, uscc }) => known.get(localKey) !== uscc)).toEqual([]);
  expect(linked.length / city.truth.links.length).toBeGreaterThan(0.96);
});

test('500 enterprises with all their keys are one statement, and their keys on the way back one more', async () => {
  const statements = vi.spyOn(StatementSync.prototype, 'all');
  const keys = city.enterprises.map(({ uscc }) => enterprise(uscc));
  const answer = await askEntities(
    subgraph.url,
    keys,
    '... on Enterprise { uscc taxpayer { taxpayerId enterprise { uscc } } insuredUnit { unitNo enterprise { uscc } } powerCustomers { customerNo } identityLinks { method } }',
  );
  const asked = statements.mock.calls.length;
  statements.mockRestore();
  expect(answer.errors).toBeUndefined();
  expect(answer.data?._entities.map((entity) => entity?.['uscc'])).toEqual(keys.map(({ uscc }) => uscc));
  // 970 keys at most go into one statement of a thousand.
  expect(asked).toBe(2);
});

test('an enterprise nobody has a record of has no links, and one that is not registered is null', async () => {
  const alone = city.enterprises.find(({ uscc }) => !truth.has(uscc))!;
  const keys = [alone.uscc, '919901010000000000', '', '\u0000', "' or 1=1 --"].map(enterprise);
  const answer = await askEntities(
    subgraph.url,
    keys,
    '... on Enterprise { taxpayer { taxpayerId } insuredUnit { unitNo } powerCustomers { customerNo } identityLinks { method } }',
  );
  const none = { taxpayer: null, insuredUnit: null, powerCustomers: [], identityLinks: [] };
  expect(answer).toEqual({ data: { _entities: [none, null, null, null, null] } });
});

test('a key that no link explains leads to nobody', async () => {
  const query = `query ($key: ID!) { unresolved(system: POWER, first: 1) { localKeys } identityLink(system: POWER, localKey: $key) { confidence } }`;
  const { data } = await ask(subgraph.url, query, { key: 'nothing' });
  expect(data?.['identityLink']).toBeNull();
  const [localKey] = (data!['unresolved'] as { localKeys: string[] }).localKeys;
  expect((await ask(subgraph.url, query, { key: localKey })).data?.['identityLink']).toBeNull();
});

test('a key of one system is not a key of another', async () => {
  const { localKey } = truth.get(SAMPLE_USCC)!.find(({ system }) => system === 'POWER')!;
  const answer = await ask(
    subgraph.url,
    `{ power: identityLink(system: POWER, localKey: "${localKey}") { system localKey method enterprise { uscc } }
       tax: identityLink(system: TAX, localKey: "${localKey}") { method } }`,
  );
  const link = { system: 'POWER', localKey, method: 'NAME_ADDRESS', enterprise: { uscc: SAMPLE_USCC } };
  expect(answer).toEqual({ data: { power: link, tax: null } });
});

test('what is unresolved is counted against what was handed in, and listed in order', async () => {
  const answer = await ask(
    subgraph.url,
    `{ tax: unresolved(system: TAX, first: 0) { system total count localKeys }
       units: unresolved(system: SOCIAL_SECURITY) { total count localKeys }
       power: unresolved(system: POWER, first: 100) { total count localKeys }
       courts: unresolved(system: COURTS, first: 0) { total count localKeys } }`,
  );
  const data = answer.data as Record<
    'tax' | 'units' | 'power' | 'courts',
    { total: number; count: number; localKeys: string[] }
  >;
  expect(data.tax).toMatchObject({ system: 'TAX', total: city.taxpayers.length, localKeys: [] });
  expect(data.units.total).toBe(city.insuredUnits.length);
  expect(data.power.total).toBe(city.powerCustomers.length);
  expect(data.courts.total).toBe(city.courtCases.length);
  expect(data.tax.count + data.units.count + data.power.count + data.courts.count).toBe(counts.unresolved);
  expect(data.units.localKeys).toHaveLength(10);
  expect(data.power.localKeys).toEqual(data.power.localKeys.toSorted());
  expect(data.power.localKeys).toHaveLength(Math.min(100, data.power.count));
});

test.each([-1, 101])('unresolved(first: %i) is refused', async (first) => {
  const answer = await ask(subgraph.url, `{ unresolved(system: TAX, first: ${first}) { count } }`);
  expect(answer.errors).toMatchObject([
    { message: `first is ${first}; it must be from 0 to 100.`, extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});

test('clerks decided some hard cases, and their decisions are marked as theirs', async () => {
  const rows = readFileSync(folder.file('inbox/clerk-decisions.csv'), 'utf8').trim().split('\n').slice(1);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    const [system, localKey, uscc] = row.split(',') as [string, string, string];
    const answer = await ask(
      subgraph.url,
      `{ identityLink(system: ${system}, localKey: "${localKey}") { method confidence enterprise { uscc } } }`,
    );
    expect(answer).toEqual({ data: { identityLink: { method: 'MANUAL', confidence: 0.99, enterprise: { uscc } } } });
  }
});

test('what a system hands in is its keys with name and address, and nothing of whose they are', () => {
  expect(readdirSync(folder.file('inbox')).toSorted()).toEqual([
    'clerk-decisions.csv',
    'court-keys.csv',
    'market-register.csv',
    'power-keys.csv',
    'social-security-keys.csv',
    'tax-keys.csv',
  ]);
  const power = readFileSync(folder.file('inbox/power-keys.csv'), 'utf8');
  expect(power.split('\n')[0]).toBe('key,name,address');
  expect(city.enterprises.filter(({ uscc, regNo }) => power.includes(uscc) || power.includes(regNo))).toEqual([]);
});

test('a store made from the same keys is kept, and one from others is made anew and asked from then on', async () => {
  const own = closing(temporaryFolder());
  const file = own.file('identity.sqlite');
  const small = generateCity({ enterprises: 100, months: 1 });
  const before = seedIdentity(own.file('inbox'), file, small);
  const { ino } = statSync(file);
  expect(seedIdentity(own.file('inbox'), file, small)).toEqual(before);
  expect(statSync(file).ino).toBe(ino);
  const running = closing(await serveDepartment(identity, { IDENTITY_DATABASE_FILE: file, PORT: '0' }));
  const total = async () => (await ask(running.url, '{ unresolved(system: TAX) { total } }')).data?.['unresolved'];
  expect(await total()).toEqual({ total: small.taxpayers.length });
  seedIdentity(own.file('inbox'), file, city);
  expect(await total()).toEqual({ total: city.taxpayers.length });
  expect(readdirSync(own.path).toSorted()).toEqual(['identity.sqlite', 'inbox']);
});

test('a store that cannot be read is an error at its field, and is read again when it is whole', async () => {
  const own = closing(temporaryFolder());
  const file = own.file('identity.sqlite');
  copyFileSync(folder.file('identity.sqlite'), file);
  const running = closing(await serveDepartment(identity, { IDENTITY_DATABASE_FILE: file, PORT: '0' }));
  writeFileSync(own.file('rubbish'), 'no database');
  renameSync(own.file('rubbish'), file);
  const answer = await ask(running.url, '{ unresolved(system: TAX) { total } }');
  expect(answer.errors).toMatchObject([
    {
      message: "The identity office's store did not answer.",
      path: ['unresolved'],
      extensions: { code: 'SYSTEM_UNAVAILABLE' },
    },
  ]);
  copyFileSync(folder.file('identity.sqlite'), own.file('whole'));
  renameSync(own.file('whole'), file);
  expect((await ask(running.url, '{ unresolved(system: TAX) { total } }')).errors).toBeUndefined();
  rmSync(file);
  expect((await ask(running.url, '{ unresolved(system: TAX) { total } }')).errors).toBeUndefined();
});

test('a link that breaks the schema is an error at its field', async () => {
  const own = closing(temporaryFolder());
  const file = own.file('identity.sqlite');
  copyFileSync(folder.file('identity.sqlite'), file);
  const database = new DatabaseSync(file);
  database.prepare("UPDATE link SET method = 'GUESS' WHERE uscc = ? AND system = 'TAX'").run(SAMPLE_USCC);
  database.close();
  const running = closing(await serveDepartment(identity, { IDENTITY_DATABASE_FILE: file, PORT: '0' }));
  const { localKey } = truth.get(SAMPLE_USCC)!.find(({ system }) => system === 'TAX')!;
  const answer = await ask(
    running.url,
    `{ identityLink(system: TAX, localKey: "${localKey}") { method } unresolved(system: TAX) { total } }`,
  );
  expect(answer.errors).toMatchObject([{ path: ['identityLink', 'method'] }]);
  expect(answer.data).toEqual({ identityLink: null, unresolved: { total: city.taxpayers.length } });
});

test('a start without a store says in one line what is missing', async () => {
  const own = closing(temporaryFolder());
  const start = (file?: string) => serveDepartment(identity, { IDENTITY_DATABASE_FILE: file, PORT: '0' });
  await expect(start()).rejects.toThrow(/^IDENTITY_DATABASE_FILE is not set; it must be/);
  await expect(start(own.file('none'))).rejects.toThrow(/none does not exist; npm start makes it$/);
  writeFileSync(own.file('rubbish'), 'no database');
  await expect(start(own.file('rubbish'))).rejects.toThrow(/rubbish is not the identity office's store; remove it/);
  new DatabaseSync(own.file('other')).close();
  await expect(start(own.file('other'))).rejects.toThrow(/other is not the identity office's store; remove it/);
});

function enterprise(uscc: string): { __typename: string; uscc: string } {
  return { __typename: 'Enterprise', uscc };
}
