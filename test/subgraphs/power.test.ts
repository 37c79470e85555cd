import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { power } from '../../subgraphs/power/department.ts';
import { generateCity } from '../../systems/city/generate.ts';
import { seedPower } from '../../systems/power/seed.ts';
import { ask } from '../kit/ask.ts';
import { askEntities, closingAfterEach, temporaryFolder } from '../kit/department.ts';

const city = generateCity({ enterprises: 100 });
const strangers = new Set(city.powerCustomers.map(({ customerNo }) => customerNo));
for (const { localKey } of city.truth.links) strangers.delete(localKey);
const applicant = city.powerCustomers.find(
  ({ applications, customerNo }) => applications.length > 1 && !strangers.has(customerNo),
)!;
const closing = closingAfterEach();

/** A file lands or changes: it must be read within a second or so. */
const SOON = { timeout: 3_000, interval: 50 };

let folder: ReturnType<typeof temporaryFolder>;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  folder = temporaryFolder();
  seedPower(folder.path, city);
  subgraph = await serveDepartment(power, { POWER_DROP_DIR: folder.path, PORT: '0' });
});

afterAll(async () => {
  await subgraph.close();
  folder.close();
});

test('a customer is answered with meter, consumption and applications, newest first', async () => {
  const { customerNo, meterAddress, usage, applications } = applicant;
  const answer = await askEntities(
    subgraph.url,
    [customer(customerNo)],
    `... on PowerCustomer { customerNo meterAddress synthetic usage(months: 60) { month kwh }
       connectionApplications { applicationNo appliedOn capacityKva connectedOn } }`,
  );
  const newest = applications.toSorted((one, other) => (one.appliedOn > other.appliedOn ? -1 : 1));
  const expected = {
    customerNo,
    meterAddress,
    synthetic: true,
    usage: usage.toReversed(),
    connectionApplications: newest,
  };
  expect(answer).toEqual({ data: { _entities: [expected] } });
});

test('every customer’s every month comes back as the company has it, but for the broken rows', async () => {
  const answer = await askEntities(
    subgraph.url,
    city.powerCustomers.map(({ customerNo }) => customer(customerNo)),
    '... on PowerCustomer { customerNo meterAddress usage(months: 60) { month kwh } }',
  );
  const sum = (usage: readonly { kwh: number }[]): number => usage.reduce((total, { kwh }) => total + kwh, 0);
  const wrong = city.powerCustomers.filter(({ meterAddress, usage }, at) => {
    const entity = answer.data?._entities[at] as { meterAddress: string; usage: { kwh: number }[] };
    return entity.meterAddress !== meterAddress || sum(entity.usage).toFixed(2) !== sum(usage.toReversed()).toFixed(2);
  });
  expect(wrong.length).toBe(5);
  for (const { customerNo } of wrong) expect(strangers).toContain(customerNo);
});

test('six months are given unless told otherwise', async () => {
  const selection =
    '... on PowerCustomer { six: usage { month } one: usage(months: 1) { month } six2: usage(months: null) { month } }';
  const answer = await askEntities(subgraph.url, [customer(applicant.customerNo)], selection);
  const months = city.months.toReversed().map((month) => ({ month }));
  expect(answer.data?._entities).toEqual([
    { six: months.slice(0, 6), one: months.slice(0, 1), six2: months.slice(0, 6) },
  ]);
});

test.each([0, 61, -1])('usage(months: %i) is refused, and the rest is answered', async (months) => {
  const selection = `... on PowerCustomer { customerNo usage(months: ${months}) { kwh } }`;
  const answer = await askEntities(subgraph.url, [customer(applicant.customerNo)], selection);
  expect(answer.data?._entities).toEqual([{ customerNo: applicant.customerNo, usage: null }]);
  expect(answer.errors).toMatchObject([{ path: ['_entities', 0, 'usage'], extensions: { code: 'BAD_USER_INPUT' } }]);
});

test('an unknown customer is null', async () => {
  const keys = ['0000000000', '', 'x', "' or 1=1 --"].map(customer);
  expect(await askEntities(subgraph.url, keys, '... on PowerCustomer { meterAddress }')).toEqual({
    data: { _entities: [null, null, null, null] },
  });
});

test('what lies in the folder is counted, and each broken row is put aside with its line and the reason', async () => {
  const { data } = await ask(subgraph.url, '{ powerDrops { file rowsKept rowsRejected { line reason } } }');
  const drops = data?.['powerDrops'] as {
    file: string;
    rowsKept: number;
    rowsRejected: { line: number; reason: string }[];
  }[];
  expect(drops.map(({ file }) => file)).toEqual([
    'applications.csv',
    'customers.csv',
    ...city.months.map((month) => `kwh-${month}.csv`),
  ]);
  const broken = drops.filter(({ rowsRejected }) => rowsRejected.length > 0);
  expect(broken.map(({ file }) => file)).toEqual(['kwh-2026-09.csv']);
  const lines = readFileSync(folder.file('kwh-2026-09.csv'), 'utf8').split('\r\n');
  expect(broken[0]!.rowsRejected.map(({ reason }) => reason)).toEqual([
    'kwh_active is "n/a"; it must be a number such as 1234,56',
    expect.stringMatching(/^customer \d{10} has a row already$/),
    '2 fields; the header has 4',
    expect.stringMatching(/^kwh_active is "-\d+,\d\d"; it must be a number such as 1234,56$/),
    'period is "200001" in the file of 2026-09',
    expect.stringMatching(/^cust_no is "O\d{9}"; it must be ten digits$/),
  ]);
  expect(lines[broken[0]!.rowsRejected[0]!.line - 1]).toMatch(/;202609;n\/a;[AE]$/);
  expect(lines[broken[0]!.rowsRejected[5]!.line - 1]).toMatch(/^O/);
  const withData = (month: string) =>
    city.powerCustomers.filter(({ usage }) => usage.some((used) => used.month === month)).length;
  expect(drops.find(({ file }) => file === 'kwh-2026-08.csv')!.rowsKept).toBe(withData('2026-08'));
  expect(broken[0]!.rowsKept).toBe(withData('2026-09') - 5);
});

test('a file that lands later is read, one still being written is not, and one taken away is forgotten', async () => {
  const own = closing(await ownFolder());
  expect(await own.usage()).toEqual([{ month: '2026-09', kwh: 12.5 }]);
  writeFileSync(own.file('.kwh-2026-10.csv'), usageFile('202610', '1,00'));
  writeFileSync(own.file('kwh-2026-10.csv.part'), usageFile('202610', '2,00'));
  writeFileSync(own.file('kwh-2026-11.csv'), usageFile('202611', '3,00'));
  await expect.poll(own.usage, SOON).toEqual([
    { month: '2026-11', kwh: 3 },
    { month: '2026-09', kwh: 12.5 },
  ]);
  renameSync(own.file('kwh-2026-10.csv.part'), own.file('kwh-2026-10.csv'));
  await expect.poll(own.usage, SOON).toHaveLength(3);
  rmSync(own.file('kwh-2026-11.csv'));
  await expect.poll(own.usage, SOON).toEqual([
    { month: '2026-10', kwh: 2 },
    { month: '2026-09', kwh: 12.5 },
  ]);
});

test('a file that is corrected counts from then on', async () => {
  const own = closing(await ownFolder());
  writeFileSync(own.file('kwh-2026-09.csv'), usageFile('202609', '13,00'));
  await expect.poll(own.usage, SOON).toEqual([{ month: '2026-09', kwh: 13 }]);
});

test('a customer who is only in a monthly file is known, without a meter address', async () => {
  const own = closing(await ownFolder());
  const answer = await askEntities(
    own.url,
    [customer('1234567890')],
    '... on PowerCustomer { meterAddress synthetic connectionApplications { applicationNo } }',
  );
  expect(answer).toEqual({
    data: { _entities: [{ meterAddress: null, synthetic: null, connectionApplications: [] }] },
  });
});

test.each([
  ['notes.csv', 'a;b\r\n', 0, [{ line: 0, reason: expect.stringMatching(/^the name says nothing of what is in it/) }]],
  [
    'kwh-2026-13.csv',
    usageFile('202613', '1,00'),
    0,
    [{ line: 0, reason: expect.stringMatching(/^the name says nothing/) }],
  ],
  [
    'kwh-2026-10.csv',
    '',
    0,
    [{ line: 0, reason: 'reading broke off: the file is empty; its first line must be the header' }],
  ],
  [
    'kwh-2026-10.csv',
    'cust_no;period\r\n1234567890;202610\r\n',
    0,
    [{ line: 0, reason: 'reading broke off: the header has no column kwh_active' }],
  ],
  ['kwh-2026-10.csv', 'period;reading;kwh_active;cust_no\n202610;A;7;1234567890\n\n', 1, []],
  [
    'kwh-2026-10.csv',
    `cust_no;period;kwh_active\r\n"1;202610;1,00\r\n1234567890;202610;1,00\r\n`,
    1,
    [{ line: 2, reason: 'cust_no is ""1"; it must be ten digits' }],
  ],
  [
    'kwh-2026-10.csv',
    `cust_no;period;kwh_active\r\n${'x'.repeat(20_000)}`,
    0,
    [{ line: 0, reason: expect.stringMatching(/^reading broke off: .*size/i) }],
  ],
  [
    'applications.csv',
    'application;cust_no;applied;capacity_kva;connected\r\nA1;1234567890;31.02.2025;1;\r\nA2;1234567890;28.02.2025;1;\r\n',
    1,
    [{ line: 2, reason: 'applied is "31.02.2025"; it must be a day such as 31.12.2025' }],
  ],
])('%s holding %j keeps %i rows', async (name, content, rowsKept, rowsRejected) => {
  const own = closing(await ownFolder({ [name]: content }));
  const { data } = await ask(own.url, '{ powerDrops { file rowsKept rowsRejected { line reason } } }');
  expect(data?.['powerDrops']).toContainEqual({ file: name, rowsKept, rowsRejected });
  expect(await own.usage()).toContainEqual({ month: '2026-09', kwh: 12.5 });
});

test('a file of rubbish lists a thousand rows put aside and counts the rest', async () => {
  const own = closing(await ownFolder({ 'kwh-2026-10.csv': `cust_no;period;kwh_active\n${'x\n'.repeat(1_500)}` }));
  const { data } = await ask(own.url, '{ powerDrops { file rowsRejected { line reason } } }');
  const drops = data?.['powerDrops'] as { file: string; rowsRejected: { line: number; reason: string }[] }[];
  const { rowsRejected } = drops.find(({ file }) => file === 'kwh-2026-10.csv')!;
  expect(rowsRejected).toHaveLength(1_001);
  expect(rowsRejected.at(-1)).toEqual({ line: 0, reason: '500 more rows were put aside' });
});

test('a folder inside the folder is no file', async () => {
  const own = closing(await ownFolder());
  mkdirSync(own.file('kwh-2026-10.csv'));
  writeFileSync(own.file('kwh-2026-11.csv'), usageFile('202611', '3,00'));
  await expect.poll(own.usage, SOON).toHaveLength(2);
  const { data } = await ask(own.url, '{ powerDrops { file } }');
  expect(data?.['powerDrops']).toEqual([{ file: 'kwh-2026-09.csv' }, { file: 'kwh-2026-11.csv' }]);
});

test('a folder that goes away leaves what was read, says that it cannot be listed, and is found again', async () => {
  const own = closing(await ownFolder());
  const listing = () => ask(own.url, '{ powerDrops { file } }');
  renameSync(own.path, `${own.path}-away`);
  await expect.poll(listing, SOON).toMatchObject({
    errors: [
      {
        message: "The power company's drop folder cannot be listed.",
        path: ['powerDrops'],
        extensions: { code: 'SYSTEM_UNAVAILABLE' },
      },
    ],
  });
  expect(await own.usage()).toEqual([{ month: '2026-09', kwh: 12.5 }]);
  renameSync(`${own.path}-away`, own.path);
  await expect.poll(listing, SOON).toEqual({ data: { powerDrops: [{ file: 'kwh-2026-09.csv' }] } });
});

test('a start without a folder says in one line what is missing', async () => {
  const own = closing(temporaryFolder());
  const start = (path?: string) => serveDepartment(power, { POWER_DROP_DIR: path, PORT: '0' });
  await expect(start()).rejects.toThrow(/^POWER_DROP_DIR is not set; it must be/);
  await expect(start(own.file('none'))).rejects.toThrow(/none does not exist; npm start makes it$/);
  writeFileSync(own.file('file'), '');
  await expect(start(own.file('file'))).rejects.toThrow(/file is not a folder; set POWER_DROP_DIR to one$/);
});

test('files made from the same records are kept, and those of another city are replaced', () => {
  const own = closing(temporaryFolder());
  const small = generateCity({ enterprises: 50, months: 3 });
  expect(seedPower(own.path, small)).toEqual({ files: 5, brokenRows: expect.any(Number) });
  const { ino } = statSync(own.file('kwh-2026-07.csv'));
  writeFileSync(own.file('kwh-2026-10.csv'), 'somebody else’s');
  seedPower(own.path, small);
  expect(statSync(own.file('kwh-2026-07.csv')).ino).toBe(ino);
  rmSync(own.file('customers.csv'));
  seedPower(own.path, small);
  seedPower(own.path, generateCity({ enterprises: 50, months: 1 }));
  expect(readdirSync(own.path).toSorted()).toEqual([
    '.seed.json',
    'applications.csv',
    'customers.csv',
    'kwh-2026-09.csv',
    'kwh-2026-10.csv',
  ]);
});

test('the company’s files are in more than one encoding', () => {
  expect([...readFileSync(folder.file('applications.csv')).subarray(0, 2)]).toEqual([0xff, 0xfe]);
  expect([...readFileSync(folder.file('kwh-2026-01.csv')).subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  expect(readFileSync(folder.file('kwh-2026-02.csv'), 'utf8')).toMatch(
    /^cust_no;period;kwh_active;reading\r\n\d{10};202602;\d+,\d\d;[AE]\r\n/,
  );
});

/** A folder with one month of one customer, its subgraph, and more files where they are given. */
async function ownFolder(files: Record<string, string> = {}) {
  const own = temporaryFolder();
  writeFileSync(own.file('kwh-2026-09.csv'), usageFile('202609', '12,5'));
  for (const [name, content] of Object.entries(files)) writeFileSync(own.file(name), content);
  const running = await serveDepartment(power, { POWER_DROP_DIR: own.path, PORT: '0' });
  return {
    ...own,
    url: running.url,
    async usage(): Promise<unknown> {
      const answer = await askEntities(
        running.url,
        [customer('1234567890')],
        '... on PowerCustomer { usage { month kwh } }',
      );
      return answer.data?._entities[0]?.['usage'];
    },
    async close(): Promise<void> {
      await running.close();
      own.close();
    },
  };
}

function usageFile(period: string, kwh: string): string {
  return `cust_no;period;kwh_active;reading\r\n1234567890;${period};${kwh};A\r\n`;
}

function customer(customerNo: string): { __typename: string; customerNo: string } {
  return { __typename: 'PowerCustomer', customerNo };
}
