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
  seedCourts(folder.path, courtCases);
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

test('files of the same cases are kept, and those of other cases replaced', () => {
  const own = closing(temporaryFolder());
  seedCourts(own.path, courtCases);
  const before = readFileSync(own.file('cases-2024.xml'), 'utf8');
  writeFileSync(own.file('cases-2024.xml'), 'changed by hand');
  expect(seedCourts(own.path, courtCases)).toEqual({ cases: courtCases.length });
  expect(readFileSync(own.file('cases-2024.xml'), 'utf8')).toBe('changed by hand');
  rmSync(own.file('cases-2023.xml'));
  seedCourts(own.path, courtCases);
  expect(readFileSync(own.file('cases-2024.xml'), 'utf8')).toBe(before);
});

const caseOf = (no: string, title: string): string =>
  `<case no="${no}" published="yes"><title>${title}</title><kind>LEASE</kind><stage>FILED</stage><filed>2026-01-02</filed>
   <party role="claimant">A</party><amount currency="CNY">1.50</amount></case>`;
const GOOD = caseOf('C2026-00000001', 'A &lt;v&gt; B &amp; Sons &#20113;&#x4e91;&#38;lt;');

/** Names an entity of itself ten times over, six levels deep: a million letters out of a few lines. */
const BOMB = `<!DOCTYPE cases [<!ENTITY a0 "ha">${[1, 2, 3, 4, 5, 6]
  .map((level) => `<!ENTITY a${level} "${`&a${level - 1};`.repeat(10)}">`)
  .join('')}]><cases>${caseOf('C2026-00000001', '&a6;')}</cases>`;

test.each([
  ['a whole file', `<cases>${GOOD}</cases>`, 1, []],
  ['a file with a mark of its byte order', `\ufeff<?xml version="1.0"?>\n<cases>${GOOD}</cases>\n`, 1, []],
  ['a file without a case', '<cases></cases>', 0, []],
  [
    'a case with a number that is none',
    `<cases>${GOOD}${caseOf('2', 'x')}</cases>`,
    1,
    ['case 2: @no: not a case number'],
  ],
  ['a case without a title', `<cases>${caseOf('C2026-00000001', '')}</cases>`, 0, [/^case 1: title/]],
  ['a bomb of entities', BOMB, 0, [/document type of its own/]],
  [
    'an entity that names a file',
    '<!DOCTYPE cases [<!ENTITY f SYSTEM "file:///etc/passwd">]><cases>&f;</cases>',
    0,
    [/document type/],
  ],
  ['a file cut off', `<cases>${GOOD}<case no="C2026-0000`, 0, [/does not end/]],
  ['another document', '<html><body/></html>', 0, [/does not end/]],
  ['a document with cases somewhere below', `<html><cases>${GOOD}</cases>`, 0, [/no cases/]],
])('%s is read for what is in it', async (_, xml, casesKept, problems) => {
  const own = closing(temporaryFolder());
  writeFileSync(own.file('cases-2026.xml'), xml);
  const other = closing(await serveDepartment(courts, { COURTS_CASE_DIR: own.path, PORT: '0' }));
  const { data } = await ask(other.url, '{ courtFiles { file casesKept problems } }');
  expect(data?.['courtFiles']).toEqual([
    {
      file: 'cases-2026.xml',
      casesKept,
      problems: problems.map((text) => (typeof text === 'string' ? text : (expect.stringMatching(text) as string))),
    },
  ]);
  if (casesKept === 0) return;
  const { data: found } = await ask(other.url, '{ courtCase(caseNo: "C2026-00000001") { title amountCny synthetic } }');
  expect(found?.['courtCase']).toEqual({ title: 'A <v> B & Sons 云云&lt;', amountCny: 1.5, synthetic: false });
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
