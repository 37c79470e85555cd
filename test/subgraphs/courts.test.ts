import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { courts } from '../../subgraphs/courts/department.ts';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { generateCity } from '../../systems/city/generate.ts';
import { seedCourts } from '../../systems/courts/seed.ts';
import { ask } from '../kit/ask.ts';
import { askEntities, closingAfterEach, temporaryFolder } from '../kit/department.ts';

const { courtCases } = generateCity({ enterprises: 500, months: 1 });
const closing = closingAfterEach();

/** A file lands or changes: it must be read within a second or so. */
const SOON = { timeout: 10_000, interval: 50 };

let folder: ReturnType<typeof temporaryFolder>;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  folder = temporaryFolder();
  await seedCourts(folder.path, courtCases);
  subgraph = await serveDepartment(courts, { COURTS_CASE_DIR: folder.path, PORT: '0' });
});

afterAll(async () => {
  await subgraph.close();
  folder.close();
});

const EVERYTHING = 'caseNo published title kind stage filedOn parties { role name } amountCny synthetic';

test('every case comes back as the courts have it, and an unknown one is null', async () => {
  const keys = [...courtCases.map(({ caseNo }) => caseNo), 'C2026-00000000', ''];
  const answer = await askEntities(
    subgraph.url,
    keys.map((caseNo) => ({ __typename: 'CourtCase', caseNo })),
    `... on CourtCase { ${EVERYTHING} }`,
  );
  const told = courtCases.map(({ claimant, respondent, ...facts }) => ({
    ...facts,
    parties: [
      { role: 'CLAIMANT', name: claimant },
      { role: 'RESPONDENT', name: respondent },
    ],
    synthetic: true,
  }));
  expect(answer).toEqual({ data: { _entities: [...told, null, null] } });
});

test('files of the same cases are kept, and those of other cases replaced', async () => {
  const own = closing(temporaryFolder());
  await seedCourts(own.path, courtCases);
  const before = readFileSync(own.file('cases-2024.xml'), 'utf8');
  writeFileSync(own.file('cases-2024.xml'), 'changed by hand');
  expect(await seedCourts(own.path, courtCases)).toEqual({ cases: courtCases.length });
  expect(readFileSync(own.file('cases-2024.xml'), 'utf8')).toBe('changed by hand');
  rmSync(own.file('cases-2023.xml'));
  await seedCourts(own.path, courtCases);
  expect(readFileSync(own.file('cases-2024.xml'), 'utf8')).toBe(before);
});

const caseOf = (no: string, title: string): string =>
  `<case no="${no}" published="yes"><title>${title}</title><kind>LEASE</kind><stage>FILED</stage><filed>2026-01-02</filed>
   <party role="claimant">A</party><amount currency="CNY">1.50</amount></case>`;
const GOOD = caseOf('C2026-00000001', 'A &lt;v&gt; B &amp; Sons &#20113;&#x4e91;&#38;lt;');

test('files are listed with what was put aside and what does not fit, each with its line', async () => {
  const own = closing(temporaryFolder());
  const other = GOOD.replace('00000001', '00000002').replace('CNY', 'USD').replace('"claimant"', '"juror"');
  writeFileSync(
    own.file('cases-2026.xml'),
    `<cases>\n${GOOD}\n${other}\n<case published="maybe"/>\n<case no="C2026-00000001"/></cases>`,
  );
  writeFileSync(
    own.file('cases-2025.xml'),
    `<!DOCTYPE cases [<!ENTITY f SYSTEM "file:///etc/passwd">]><cases>&f;</cases>`,
  );
  const served = closing(await serveDepartment(courts, { COURTS_CASE_DIR: own.path, PORT: '0' }));
  const query = `{ courtFiles { file casesKept casesAside fault problems { line reason } }
    courtCase(caseNo: "C2026-00000001") { title amountCny synthetic }
    other: courtCase(caseNo: "C2026-00000002") { published amountCny parties { role name } } }`;
  const { data, errors } = await ask(served.url, query);
  expect(data).toEqual({
    courtFiles: [
      {
        ...{ file: 'cases-2025.xml', casesKept: 0, casesAside: 0, problems: [] },
        fault: 'it has a document type of its own, with entities that are not read',
      },
      {
        ...{ file: 'cases-2026.xml', casesKept: 2, casesAside: 2, fault: null },
        problems: [
          { line: 6, reason: '@no is empty, and is the key' },
          { line: 7, reason: 'another row has the same @no' },
        ],
      },
    ],
    courtCase: { title: 'A <v> B & Sons 云云&lt;', amountCny: 1.5, synthetic: false },
    other: { published: true, amountCny: null, parties: null },
  });
  const told = (errors ?? []).map(({ message, extensions }) => [extensions?.code, message]);
  const fault = (field: string): string => `The department's system gave a value that does not fit in ${field}`;
  expect(told).toEqual([
    [
      'SYSTEM_BAD_ANSWER',
      `${fault('amountCny of CourtCase C2026-00000002')}: its column amount must be a value whose amount.@currency is CNY.`,
    ],
    ['SYSTEM_BAD_ANSWER', expect.stringContaining('its column @role must be one of claimant, respondent') as string],
  ]);
});

test('a file that lands later is read', async () => {
  const own = closing(temporaryFolder());
  const other = closing(await serveDepartment(courts, { COURTS_CASE_DIR: own.path, PORT: '0' }));
  const find = async () =>
    (await ask(other.url, '{ courtCase(caseNo: "C2026-00000001") { kind } }')).data?.['courtCase'];
  expect(await find()).toBeNull();
  writeFileSync(own.file('cases-2026.xml'), `<cases>${GOOD}</cases>`);
  await vi.waitFor(async () => expect(await find()).toEqual({ kind: 'LEASE' }), SOON);
});

test('without its folder it does not start', async () => {
  await expect(serveDepartment(courts, { PORT: '0' })).rejects.toThrow('COURTS_CASE_DIR is not set');
  const missing = serveDepartment(courts, { COURTS_CASE_DIR: folder.file('nowhere'), PORT: '0' });
  await expect(missing).rejects.toThrow("courts' folder");
});
