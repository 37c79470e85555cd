import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { GatewayFault } from '../../gateway/errors.ts';
import { NOBODY } from '../../gateway/caller.ts';
import { as, HOSPITAL, RULES } from '../authorise/hospital.ts';
import { closingAfterEach } from '../kit/department.ts';
import { federate, type SmallFederationOptions } from '../kit/federation.ts';
import { KeptTrail } from './kept-trail.ts';

const closing = closingAfterEach();

async function hospital(options: SmallFederationOptions = {}) {
  const trail = new KeptTrail();
  const authorise = { mode: 'enforce', rules: RULES } as const;
  return { trail, ...closing(await federate(HOSPITAL, { authorise, trail, ...options })) };
}

const sha256 = (text: string): string => hash('sha256', text);

describe('a request that is answered', () => {
  const query = 'query Ward($id: ID!) { patient(id: $id) { name phone ward bill } }';

  test('leaves who, what for, what was asked of whom, what was given and what was not', async () => {
    const { trail, ask, requests } = await hospital();
    const { data } = await ask(query, { id: 'p1' }, as('desk', { purpose: 'visit', caseNumber: 'C-7' }));
    expect(data).toEqual({ patient: { name: 'Ada Lind', phone: '*******567', ward: 'W1', bill: 1000 } });
    expect(trail.kept).toHaveLength(1);
    expect(trail.last.when).toBe('before-answer');
    expect(trail.last.entry).toEqual({
      logTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      queryId: expect.stringMatching(/^[\da-f-]{36}$/),
      outcome: 'answered',
      initiatorPerson: 'some desk',
      roles: ['desk'],
      proof: 'none',
      purpose: 'visit',
      caseNumber: 'C-7',
      operationName: 'Ward',
      operationHash: sha256(query),
      variablesDigest: sha256('{"id":"p1"}'),
      policiesHash: RULES.hash,
      rules: ['p-bands', 'r-open', 'r-phone'],
      supergraphHash: expect.stringMatching(/^[\da-f]{64}$/),
      fetches: requests.map(({ service }) => ({
        department: service,
        requestDigest: expect.stringMatching(/^[\da-f]{64}$/),
        responseDigest: expect.stringMatching(/^[\da-f]{64}$/),
        durationMs: expect.any(Number),
        rows: 1,
        httpStatus: 200,
      })),
      fields: ['Query.patient', 'Patient.name', 'Patient.ward'],
      refused: [
        { coordinate: 'Patient.phone', outcome: 'MASK', rule: 'r-phone' },
        { coordinate: 'Patient.bill', outcome: 'MASK', rule: 'p-bands' },
      ],
      answerDigest: expect.stringMatching(/^[\da-f]{64}$/),
      answerBytes: expect.any(Number),
      durationMs: expect.any(Number),
    });
  });

  test('leaves what the operation itself says it is for, beside what the headers say', async () => {
    const { trail, ask } = await hospital();
    const stated = query.replace('($id: ID!)', '($id: ID!, $case: String) @purpose(purpose: "visit", case: $case)');
    await ask(stated, { id: 'p1', case: 'C-8' }, as('desk', { legalBasis: 'Act 1' }));
    expect(trail.last.entry).toMatchObject({ purpose: 'visit', caseNumber: 'C-8', legalBasis: 'Act 1' });
  });

  test('has no value in its record, neither given nor asked for nor withheld', async () => {
    const { trail, ask } = await hospital();
    await ask('query { patient(id: "p1") { name phone ward bill } }', {}, as('desk'));
    await ask(query, { id: 'p2' }, as('doctor', { purpose: 'treatment' }));
    await ask(query, { id: 'wrong', another: 'Bo Öst' }, as('doctor'));
    const text = JSON.stringify(trail.kept.map(({ entry }) => entry));
    for (const value of ['p1', 'p2', 'wrong', 'Ada', 'Lind', 'Bo Öst', 'W1', '070', '567', '1250', '80.'])
      expect(text).not.toContain(`"${value}`);
    for (const value of ['Ada Lind', 'Bo Öst', '0701234567', '1250.5']) expect(text).not.toContain(value);
  });

  test('says what rules that are only tried would have withheld', async () => {
    const { trail, ask } = await hospital({ authorise: { mode: 'report', rules: RULES } });
    await ask('{ patient(id: "p1") { name phone } }');
    expect(trail.last.entry).toMatchObject({
      fields: ['Query.patient', 'Patient.name', 'Patient.phone'],
      refused: [{ coordinate: 'Patient.phone', outcome: 'DENY', rule: 'no-rule', isReported: true }],
    });
  });

  test('is the same in its record whichever way it was run', async () => {
    const asked = 'query { patients { id name phone doseMg bill } }';
    const records = await Promise.all(
      [true, false].map(async (usePrograms) => {
        const { trail, ask, programAnswers } = await hospital({ usePrograms });
        await ask(asked, {}, as('desk'));
        expect(programAnswers()).toBe(usePrograms ? 1 : 0);
        const { entry, subjects, when } = trail.last;
        const { logTime: _, queryId: __, durationMs: ___, fetches, ...rest } = entry;
        const untimed = fetches.map(({ durationMs: ____, ...fetch }) => fetch);
        return { ...rest, fetches: untimed.toSorted(byDepartment), subjects: subjects.toSorted(), when };
      }),
    );
    expect(records[0]).toEqual(records[1]);
  });

  test('says which departments failed, and how', async () => {
    const { trail, ask } = await hospital({
      intercept: (request, next) =>
        request.template.service === 'pharmacy'
          ? Promise.reject(new GatewayFault('SUBREQUEST_TIMEOUT', 'at 10.0.0.7'))
          : next(),
    });
    await ask('{ patient(id: "p1") { name doseMg } }', {}, as('doctor', { purpose: 'treatment' }));
    const { outcome, fetches, errorCodes } = trail.last.entry;
    expect(outcome).toBe('answered');
    expect(errorCodes).toEqual(['SUBREQUEST_TIMEOUT']);
    const failed = fetches.find(({ department }) => department === 'pharmacy')!;
    expect(failed).toMatchObject({ error: 'SUBREQUEST_TIMEOUT', rows: 1 });
    expect(failed).not.toHaveProperty('responseDigest');
  });

  test("keeps nothing of what a department wrote into an error's code", async () => {
    const { trail, ask } = await hospital({
      intercept: () => Promise.resolve({ data: null, errors: [{ message: 'no', extensions: { code: '0701234567' } }] }),
    });
    await ask('{ patient(id: "p1") { name } }');
    expect(trail.last.entry.errorCodes).toEqual(['DOWNSTREAM_SERVICE_ERROR']);
  });
});

function byDepartment(one: { department: string }, other: { department: string }): number {
  return one.department < other.department ? -1 : 1;
}

describe('a request that is not answered', () => {
  test.each([
    ['cannot be read', '{ patients', {}, 'GRAPHQL_PARSE_FAILED'],
    ['does not fit the schema', '{ patients { shoeSize } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['has wrong variables', 'query ($id: ID!) { patient(id: $id) { name } }', {}, 'BAD_USER_INPUT'],
  ])('is recorded as refused where it %s', async (_, query, variables, code) => {
    const { trail, ask } = await hospital();
    await ask(query, variables, as('desk'));
    expect(trail.last.entry).toMatchObject({
      outcome: 'refused',
      initiatorPerson: 'some desk',
      operationHash: sha256(query),
      errorCodes: [code],
      fetches: [],
      fields: [],
      answerDigest: expect.any(String),
    });
  });

  test('is recorded as refused where every field of it is', async () => {
    const sdl = `directive @access(class: String!) on FIELD_DEFINITION
      type Query { staffNames: [String!] @access(class: "staff") }`;
    const trail = new KeptTrail();
    const authorise = { mode: 'enforce', rules: RULES } as const;
    const { ask } = closing(await federate({ records: { sdl } }, { authorise, trail }));
    expect((await ask('{ staffNames }', {}, NOBODY)).data).toEqual({ staffNames: null });
    expect(trail.last.entry).toMatchObject({
      outcome: 'refused',
      fetches: [],
      fields: [],
      refused: [{ coordinate: 'Query.staffNames', outcome: 'DENY', rule: 'r-staff' }],
      errorCodes: ['UNAUTHORIZED_FIELD_OR_TYPE'],
    });
  });

  test('is recorded as failed where no data could be given', async () => {
    const { trail, ask } = await hospital({
      intercept: () => Promise.reject(new GatewayFault('SUBREQUEST_HTTP_ERROR', 'down')),
    });
    expect((await ask('{ patients { name } }')).data).toBeNull();
    expect(trail.last.entry).toMatchObject({ outcome: 'failed', fields: [], errorCodes: ['SUBREQUEST_HTTP_ERROR'] });
  });

  test('is recorded as failed where the gateway itself fails', async () => {
    const { trail, ask, faults } = await hospital({
      intercept: () => Promise.reject(new Error('nobody foresaw this')),
    });
    await ask('{ patients { name } }');
    expect(faults).toHaveLength(1);
    expect(trail.last.entry).toMatchObject({
      outcome: 'failed',
      errorCodes: ['INTERNAL_SERVER_ERROR'],
      fetches: [{ department: 'records', error: 'INTERNAL_SERVER_ERROR' }],
    });
  });
});

describe('a trail that cannot be written', () => {
  test.each(['breaking', 'broken'] as const)('lets no answer out while it is %s', async (state) => {
    const { trail, ask } = await hospital();
    trail.state = state;
    const answer = await ask('{ patients { name } }');
    expect(answer).toEqual({
      httpStatus: 503,
      errors: [
        {
          message: 'What is asked for cannot be recorded now; try again shortly.',
          extensions: { code: 'TRAIL_UNAVAILABLE' },
        },
      ],
    });
    trail.state = 'up';
    expect((await ask('{ patients { name } }')).data).toBeDefined();
  });

  const LEDGER = {
    books: {
      sdl: 'type Query { total: Int! } type Mutation { add(amount: Int!): Int! }',
      resolvers: { Query: { total: () => 1 }, Mutation: { add: () => 41 } },
    },
  };

  test('keeps mutations from being run once it is known to be', async () => {
    const trail = new KeptTrail();
    const { ask, requests } = closing(await federate(LEDGER, { trail }));
    trail.state = 'broken';
    const { httpStatus, errors } = await ask('mutation { add(amount: 41) }');
    expect(httpStatus).toBe(503);
    expect(errors![0]!.message).toMatch(/Nothing was changed\.$/);
    expect(requests).toEqual([]);
  });

  test('says of a mutation that was run already that it was', async () => {
    const trail = new KeptTrail();
    const { ask, requests } = closing(await federate(LEDGER, { trail }));
    trail.state = 'breaking';
    const { data, errors } = await ask('mutation { add(amount: 41) }');
    expect(data).toBeUndefined();
    expect(errors![0]!.message).toMatch(/may be changed all the same\.$/);
    expect(requests).toHaveLength(1);
  });
});

describe('records that may be written soon', () => {
  const config = { audit: { soonClasses: ['unclassified', 'contact'] } };
  test.each([
    ['a query of such classes alone', '{ patients { name phone } }', 'soon'],
    ['a query of another class too', '{ patients { name weightKg } }', 'before-answer'],
    ['what is computed from another class', '{ patients { doseMg } }', 'before-answer'],
    ['what cannot be run', '{ patients { shoeSize } }', 'before-answer'],
  ])('%s: %s', async (_, query, when) => {
    const { trail, ask } = await hospital({ config });
    await ask(query, {}, as('doctor', { purpose: 'treatment' }));
    expect(trail.last.when).toBe(when);
  });

  test('a field that is refused does not make the rest wait', async () => {
    const { trail, ask } = await hospital({ config });
    await ask('{ patients { name weightKg } }', {}, as('desk'));
    expect(trail.last).toMatchObject({ when: 'soon', entry: { refused: [{ coordinate: 'Patient.weightKg' }] } });
  });
});
