import { readFile } from 'node:fs/promises';
import { parse, print } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TrailEntry } from '../../gateway/audit/entry.ts';
import { serveTrail, type TrailDepartmentOptions } from '../../gateway/audit/reading/department.ts';
import { TRAIL_SDL } from '../../gateway/audit/reading/sdl.ts';
import type { Trail } from '../../gateway/audit/trail.ts';
import { NOBODY, type Caller, type Identity } from '../../gateway/caller.ts';
import { GatewayFault } from '../../gateway/errors.ts';
import { RuleSet } from '../../gateway/authorise/rule-set.ts';
import { parseRules, readRuleTexts } from '../../gateway/rule-files.ts';
import { federate, type SmallFederation } from '../kit/federation.ts';
import { someEntry } from './entries.ts';
import { makePlace, type TrailPlace } from './trail-kit.ts';

const ACME = 'Enterprise:91990104MA95YFB981';
const OTHER = 'Enterprise:91990104MA95YFB99X';
const ADA = 'Person:p-1';

const acme = as({ claims: { uscc: '91990104MA95YFB981' } });
const ada = as({ claims: { pid: 'p-1' } });
const inspector = as({ subject: 'inspector-1', roles: ['tax-inspector'], department: 'tax' });
const taxOffice = as({ kind: 'system', proof: 'api-key:tax', subject: 'tax-system', department: 'tax' });
const auditor = as({ subject: 'auditor-1', roles: ['auditor'] });
const mayor = as({ subject: 'mayor', roles: ['leader'], department: 'tax' });

function as(identity: Partial<Identity>): Caller {
  const person = { kind: 'person', subject: 'somebody', proof: 'jwt:https://issuer.test' } as const;
  return { ...NOBODY, identity: { ...NOBODY.identity, ...person, ...identity } };
}

const opened: SmallFederation[] = [];
let place: TrailPlace;
let trail: Trail;
let nowMs: number;
beforeAll(async () => {
  place = await makePlace();
  trail = await place.open();
  for (const [number, [changed, ...subjects]] of ENTRIES.entries()) {
    const logTime = new Date(Date.UTC(2026, 6, 1, 12, number)).toISOString();
    await trail.write(someEntry({ logTime, operationName: `Q${number}`, ...changed }), subjects);
  }
});
beforeEach(() => {
  nowMs = Date.UTC(2026, 6, 2);
});
afterAll(async () => {
  await Promise.all(opened.map((federation) => federation.close()));
  await place.close();
});

const [
  {
    fetches: [fetch],
  },
] = [someEntry()];
const ofTax = [fetch!, { ...fetch!, department: 'tax' }];
const refusal = (coordinate: string) => ({ coordinate, outcome: 'DENY', rule: 'tax-closed' });
const BOTH = {
  fields: ['Enterprise.name', 'Taxpayer.district'],
  refused: [refusal('Person.name'), refusal('Taxpayer.arrearsCny')],
};
const ofCase = { queryGroupId: 'case-1' };
const hidden = { hiddenUntil: '2026-08-01T00:00:00.000Z', hiddenReason: 'investigation' };
/** An hour's requests, a minute apart: what is different about them, and whom they are about. */
const ENTRIES: [Partial<TrailEntry>, ...string[]][] = [
  [{}, ACME],
  [{ initiatorPerson: 'inspector-2', fetches: ofTax, ...ofCase }, ACME, OTHER],
  [{ initiatorPerson: 'detective', ...hidden }, ACME],
  [{ initiatorPerson: 'inspector-2', ...ofCase }, OTHER],
  [{ proof: 'jwt:https://elsewhere.test' }, ADA],
  [{ fetches: ofTax, outcome: 'refused', ...BOTH, ...ofCase }],
];

/** The names of their operations. */
const NAMES = '{ records { operationName } hasMore endCursor total }';

/** A gateway over a small market office and the trail. */
async function serve(options: Partial<TrailDepartmentOptions> = {}, rules?: RuleSet): Promise<SmallFederation> {
  const faults: unknown[] = [];
  const department = serveTrail({
    trail,
    isGuarded: true,
    subjectClaims: { uscc: 'Enterprise', pid: 'Person' },
    isOf: (department, coordinate) => department === 'tax' && coordinate.startsWith('Taxpayer.'),
    onFault: (fault) => faults.push(fault),
    nowMs: () => nowMs,
    ...options,
  });
  const federation = await federate(
    { market: { sdl: 'type Query { motto: String }' }, trail: { sdl: TRAIL_SDL.trimStart() } },
    {
      inProcess: { trail: department },
      authorise: { mode: 'enforce', rules: rules ?? parseRules(await readRuleTexts('rules')) },
    },
  );
  opened.push(federation);
  return federation;
}

type Field = 'aboutMe' | 'ownActs' | 'ofDepartment' | 'everything';

/** The operations' names of the records that a field of the trail gives, or the code of why it gives none. */
async function read(federation: SmallFederation, caller: Caller, field: Field, args = ''): Promise<unknown> {
  const { data, errors } = await federation.ask(
    `{ trail { ${field}${args} { records { operationName } } } }`,
    {},
    caller,
  );
  const page = (data?.['trail'] as Record<Field, { records: { operationName: string }[] } | null> | null)?.[field];
  return page ? page.records.map(({ operationName }) => operationName).join(' ') : errors?.[0]?.extensions.code;
}

const REFUSED = 'UNAUTHORIZED_FIELD_OR_TYPE';

interface AnswerPage {
  records: { operationName: string }[];
  hasMore: boolean;
  endCursor: string | null;
  total: number | null;
}

/** What one field of the trail gives. */
async function page(federation: SmallFederation, caller: Caller, asked: string) {
  const { data, errors } = await federation.ask(`{ trail { page: ${asked} ${NAMES} } }`, {}, caller);
  const { records = [], ...rest } = (data?.['trail'] as { page: AnswerPage | null } | null)?.page ?? {};
  return { names: records.map(({ operationName }) => operationName).join(' '), ...rest, errors };
}

describe('who reads what of the trail', () => {
  let federation: SmallFederation;
  beforeAll(async () => {
    federation = await serve();
  });

  test.each<[string, Caller, Record<Field, string>]>([
    [
      'nobody in particular',
      NOBODY,
      { aboutMe: REFUSED, ownActs: REFUSED, ofDepartment: REFUSED, everything: REFUSED },
    ],
    ['an enterprise', acme, { aboutMe: 'Q1 Q0', ownActs: '', ofDepartment: REFUSED, everything: REFUSED }],
    ['a citizen', ada, { aboutMe: 'Q4', ownActs: '', ofDepartment: REFUSED, everything: REFUSED }],
    ['an officer', inspector, { aboutMe: REFUSED, ownActs: 'Q5 Q0', ofDepartment: REFUSED, everything: REFUSED }],
    ['a department', taxOffice, { aboutMe: REFUSED, ownActs: '', ofDepartment: 'Q5 Q1', everything: REFUSED }],
    ['a leader', mayor, { aboutMe: REFUSED, ownActs: REFUSED, ofDepartment: REFUSED, everything: REFUSED }],
    ['the auditor', auditor, { aboutMe: REFUSED, ownActs: '', ofDepartment: REFUSED, everything: 'Q5 Q4 Q3 Q2 Q1 Q0' }],
  ])('%s', async (_who, caller, expected) => {
    const fields = Object.keys(expected) as Field[];
    const found = await Promise.all(fields.map(async (field) => [field, await read(federation, caller, field)]));
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  test('without a rule nobody does, nor where rules are not enforced, and where there is no trail that is said', async () => {
    expect(await read(await serve({}, new RuleSet([])), auditor, 'everything')).toBe(REFUSED);
    expect(await read(await serve({ isGuarded: false }), auditor, 'everything')).toBe('TRAIL_UNGUARDED');
    expect(await read(await serve({ trail: undefined }), auditor, 'everything')).toBe('TRAIL_OFF');
  });
});

describe('a page of the trail', () => {
  let federation: SmallFederation;
  beforeAll(async () => {
    federation = await serve();
  });

  test('goes on after its end, and says how many records there are', async () => {
    const first = await page(federation, auditor, 'everything(first: 4)');
    expect(first).toMatchObject({ names: 'Q5 Q4 Q3 Q2', hasMore: true, total: 6 });
    const second = await page(federation, auditor, `everything(first: 4, after: "${first.endCursor}")`);
    expect(second).toMatchObject({ names: 'Q1 Q0', hasMore: false, total: 6 });
    const third = await page(federation, auditor, `everything(after: "${second.endCursor}")`);
    expect(third).toMatchObject({ names: '', hasMore: false, endCursor: null });
  });

  test('is of a time, of a beginning, of a gateway', async () => {
    const since = 'since: "2026-07-01T12:01:00Z"';
    expect(await page(federation, auditor, `everything(${since}, until: "2026-07-01T14:03:00+02:00")`)).toMatchObject({
      names: 'Q3 Q2 Q1',
      total: 3,
    });
    expect(await page(federation, acme, 'aboutMe(offset: 1)')).toMatchObject({ names: 'Q0', hasMore: false, total: 2 });
    expect(await page(federation, acme, 'aboutMe(logSourceSystems: ["switchyard"])')).toMatchObject({ total: 2 });
    expect(await page(federation, acme, 'aboutMe(logSourceSystems: ["other"])')).toMatchObject({ total: 0 });
  });

  test('is sought by the auditor by whom, by whose act and by who was asked', async () => {
    expect(await page(federation, auditor, `everything(subject: "${ACME}")`)).toMatchObject({ names: 'Q2 Q1 Q0' });
    expect(await page(federation, auditor, 'everything(person: "inspector-2")')).toMatchObject({ names: 'Q3 Q1' });
    expect(await page(federation, auditor, 'everything(department: "tax")')).toMatchObject({ names: 'Q5 Q1' });
  });

  test('is of one whole, to each as much of it as is theirs anyway', async () => {
    const ofWhole = '(queryGroupId: "case-1")';
    expect(await read(federation, auditor, 'everything', ofWhole)).toBe('Q5 Q3 Q1');
    expect(await read(federation, taxOffice, 'ofDepartment', ofWhole)).toBe('Q5 Q1');
    expect(await read(federation, inspector, 'ownActs', ofWhole)).toBe('Q5');
    expect(await read(federation, auditor, 'everything', '(queryGroupId: "case-2")')).toBe('');
    expect(await read(federation, auditor, 'ownActs', ofWhole)).toBe('');
  });

  test.each([
    ['too many', 'everything(first: 1001)', 'first is 1001; it must be from 1 to 1000.'],
    ['none', 'everything(first: 0)', 'first is 0; it must be from 1 to 1000.'],
    ['a cursor that is none', 'everything(after: "x")', 'after is no endCursor of the trail.'],
    ['a time that is none', 'everything(since: "soon")', 'since is no time such as 2026-07-01T12:00:00Z.'],
    ['two things at once', 'everything(subject: "a", person: "b")', 'Give a subject, a person, a department or a'],
  ])('is refused for %s', async (_what, asked, message) => {
    const { errors } = await page(federation, auditor, asked);
    expect(errors).toMatchObject([{ path: ['trail', 'page'], extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors![0]!.message).toContain(message);
  });

  test('is one of twenty that a request may ask for', async () => {
    const parts = Array.from({ length: 21 }, (_, index) => `p${index}: everything(first: ${index + 1}) { hasMore }`);
    const { data, errors } = await federation.ask(`{ trail { ${parts.join(' ')} } }`, {}, auditor);
    expect(errors).toMatchObject([{ path: ['trail', 'p20'], extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(data!['trail']).toMatchObject({ p19: { hasMore: false }, p20: null });
  });

  test('merges those about an enterprise and about a person, each record once', async () => {
    const both = as({ claims: { uscc: ['91990104MA95YFB981', '91990104MA95YFB99X'], pid: 'p-1' } });
    expect(await page(federation, both, 'aboutMe(first: 2)')).toMatchObject({
      names: 'Q4 Q3',
      hasMore: true,
      total: 4,
    });
    expect(await page(federation, both, 'aboutMe(first: 3)')).toMatchObject({ names: 'Q4 Q3 Q1' });
    expect(await page(federation, both, `aboutMe(subject: "${ADA}")`)).toMatchObject({ names: 'Q4', total: 1 });
  });

  test("is nobody else's, whomever an argument names", async () => {
    expect(await page(federation, acme, `aboutMe(subject: "${OTHER}")`)).toMatchObject({
      names: '',
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });
});

test('what is hidden is shown to whom it is about once its time has come', async () => {
  const federation = await serve();
  nowMs = Date.parse(hidden.hiddenUntil) - 1;
  expect(await read(federation, acme, 'aboutMe')).toBe('Q1 Q0');
  nowMs += 1;
  expect(await read(federation, acme, 'aboutMe')).toBe('Q2 Q1 Q0');
});

test('a record says what the Data Tracker says, and no more of other departments than a department may know', async () => {
  const federation = await serve();
  const fields = `seq logTime outcome logSourceSystem initiatorPerson initiatorOrg roles purpose hiddenReason fields
    refused { coordinate outcome rule } fetches { department rows httpStatus } errorCodes`;
  const { data, errors } = await federation.ask(`{ trail { ofDepartment { records { ${fields} } } } }`, {}, taxOffice);
  expect(errors).toBeUndefined();
  const { records } = (data!['trail'] as { ofDepartment: { records: unknown[] } }).ofDepartment;
  expect(records[0]).toEqual({
    seq: 6,
    logTime: '2026-07-01T12:05:00.000Z',
    outcome: 'REFUSED',
    logSourceSystem: 'switchyard',
    initiatorPerson: 'inspector-1',
    initiatorOrg: 'city',
    roles: ['tax-inspector'],
    purpose: 'inspection',
    hiddenReason: null,
    fields: ['Taxpayer.district'],
    refused: [refusal('Taxpayer.arrearsCny')],
    fetches: [{ department: 'tax', rows: 1, httpStatus: 200 }],
    errorCodes: [],
  });
});

test('a trail that cannot be read is an error at its place, and what is wrong with it is not told', async () => {
  const broken = { find: () => Promise.reject(new GatewayFault('TRAIL_UNAVAILABLE', 'postgres://secret is away')) };
  const federation = await serve({ trail: broken });
  const { data, errors } = await federation.ask('{ trail { ownActs { total } } }', {}, inspector);
  expect(data).toEqual({ trail: { ownActs: null } });
  expect(errors).toMatchObject([
    { path: ['trail', 'ownActs'], extensions: { code: 'TRAIL_UNAVAILABLE', service: 'trail' } },
  ]);
  expect(JSON.stringify(errors)).not.toContain('secret');
});

test('the published schema is what is served', async () => {
  expect(print(parse(await readFile('schema/trail.graphql', 'utf8')))).toBe(print(parse(TRAIL_SDL)));
});
