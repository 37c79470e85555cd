import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { parse, print } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { digestOf } from '../../gateway/dispatch/delivery.ts';
import { DISPATCH_SDL } from '../../gateway/dispatch/sdl.ts';
import {
  activate,
  ARREARS,
  CLOSED,
  GIVEN,
  GRANTED,
  OPEN,
  openOffice,
  register,
  runNow,
  runsOf,
  whenRun,
  type DispatchOffice,
} from './office.ts';

let office: DispatchOffice;
/** What is dispatched in this test. */
let arrears: typeof ARREARS;
let tests = 0;
beforeAll(async () => (office = await openOffice({ dispatch: { retry: { firstMs: 20, maxMs: 40, maxAttempts: 8 } } })));
afterAll(() => office.close());
beforeEach(() => {
  arrears = { ...ARREARS, name: `arrears-${(tests += 1)}` };
  office.enterprises.clear();
  register(office, 5);
});

/** Rules for one test. */
async function ruleHere(rules: readonly object[]): Promise<void> {
  onTestFinished(() => office.rule([OPEN, GIVEN, CLOSED]));
  await office.rule(rules);
}

/** No file can be made where they land until this is called. */
async function block(): Promise<() => Promise<void>> {
  const aside = `${office.drop}-aside`;
  await rename(office.drop, aside).catch(() => mkdir(aside));
  await writeFile(office.drop, '');
  return async () => {
    await rm(office.drop);
    await rename(aside, office.drop);
  };
}

/** Files of this test's dispatch. */
async function files(): Promise<string[]> {
  return Object.entries(await office.delivered()).flatMap(([name, text]) =>
    name.startsWith(arrears.name) ? [text] : [],
  );
}

interface Delivered {
  uscc: string;
  _change?: string;
  [column: string]: unknown;
}

/** The records of the newest file. */
async function newest(): Promise<Delivered[]> {
  return JSON.parse((await files()).at(-1)!) as Delivered[];
}

async function stateOf(id: string): Promise<{ state: string; stateReason: { rule: string } | null }> {
  const query = '{ dispatches { ofDepartment { id state stateReason { rule } } } }';
  const { dispatches } = await office.ask<{
    dispatches: { ofDepartment: { id: string; state: string; stateReason: { rule: string } | null }[] };
  }>(query);
  const { state, stateReason } = dispatches.ofDepartment.find((each) => each.id === id)!;
  return { state, stateReason };
}

async function eventKinds(id: string): Promise<string[]> {
  const query = '{ dispatches { events(first: 1000) { events { kind dispatchId } } } }';
  const { dispatches } = await office.ask<{
    dispatches: { events: { events: { kind: string; dispatchId: string }[] } };
  }>(query);
  return dispatches.events.events.flatMap(({ kind, dispatchId }) => (dispatchId === id ? [kind] : []));
}

async function giveGrant(): Promise<string> {
  const grant = {
    ...{ classes: ['amounts'], grantee: { role: 'bank' }, purpose: 'credit check', reason: 'Agreement 7' },
    ...{ maxReads: 100, expiresAt: new Date(Date.now() + 86_400_000).toISOString() },
  };
  const { giveGrant: given } = await office.ask<{ giveGrant: { id: string } }>(
    'mutation ($grant: GrantInput!) { giveGrant(grant: $grant) { id } }',
    { grant },
    'steward',
  );
  return given.id;
}

describe('a dispatch', () => {
  test('gives everything first, then what changed and what is no more, and nothing where nothing did', async () => {
    const id = await activate(office, arrears);
    await runNow(office, id);
    expect(await whenRun(office, [id, 1], 'DELIVERED')).toMatchObject({ reason: 'HAND', isFull: true, rows: 5 });
    expect(await newest()).toEqual([...office.enterprises.values()]);
    office.enterprises.get('e02')!.arrears = 7;
    office.enterprises.delete('e04');
    register(office, 1, 6);
    await runNow(office, id);
    expect(await whenRun(office, [id, 2], 'DELIVERED')).toMatchObject({ isFull: false, rows: 2, removed: 1 });
    expect((await newest()).map(({ uscc, _change }) => [uscc, _change])).toEqual([
      ['e02', 'UPSERT'],
      ['e06', 'UPSERT'],
      ['e04', 'REMOVED'],
    ]);
    await runNow(office, id);
    expect(await whenRun(office, [id, 3], 'UNCHANGED')).toMatchObject({ rows: 0, parts: 0 });
    expect(await files()).toHaveLength(2);
  });

  test('is stopped by a grant that was withdrawn, and says so; granted again it goes on with what changed in between', async () => {
    await ruleHere([OPEN, GRANTED, CLOSED]);
    const first = await giveGrant();
    const id = await activate(office, arrears);
    await runNow(office, id);
    await whenRun(office, [id, 1], 'DELIVERED');
    await office.ask('mutation ($id: ID!) { revokeGrant(id: $id) { state } }', { id: first }, 'steward');
    office.enterprises.get('e03')!.arrears = 1;
    await runNow(office, id);
    expect(await whenRun(office, [id, 2], 'REFUSED', 'DELIVERED')).toMatchObject({
      state: 'REFUSED',
      why: { rule: 'amounts-closed', text: expect.stringContaining('Enterprise.arrears') as string },
    });
    expect(await stateOf(id)).toEqual({ state: 'STOPPED', stateReason: { rule: 'amounts-closed' } });
    expect(await files()).toHaveLength(1);
    await giveGrant();
    await runNow(office, id);
    expect(await whenRun(office, [id, 3], 'DELIVERED')).toMatchObject({ isFull: false, rows: 1, removed: 0 });
    expect((await newest()).map(({ uscc }) => uscc)).toEqual(['e03']);
    expect(await stateOf(id)).toEqual({ state: 'ACTIVE', stateReason: null });
    expect(await eventKinds(id)).toEqual(
      'CREATED PREVIEWED ACTIVATED DELIVERED REFUSED STOPPED RESUMED DELIVERED'.split(' '),
    );
  });

  test('leaves out what is refused, where it is made so', async () => {
    await ruleHere([OPEN, CLOSED]);
    const id = await activate(office, { ...arrears, whenRefused: 'LEAVE_OUT' });
    await runNow(office, id);
    await whenRun(office, [id, 1], 'DELIVERED');
    expect((await newest())[0]).toEqual({ uscc: 'e01', name: 'Enterprise "1"', headcount: 1, arrears: null });
  });

  test('delivers no part of an answer that a department failed in, and all of it once the department is back', async () => {
    const id = await activate(office, arrears);
    office.failure.message = 'out of order';
    await runNow(office, id);
    expect(await whenRun(office, [id, 1], 'RETRYING')).toMatchObject({ why: { code: 'DOWNSTREAM_SERVICE_ERROR' } });
    expect(await files()).toEqual([]);
    office.failure.message = undefined;
    expect(await whenRun(office, [id, 1], 'DELIVERED')).toMatchObject({ rows: 5 });
    expect(await newest()).toHaveLength(5);
  });

  test('asks again before it delivers what is kept: what may be given no more is dropped', async () => {
    const id = await activate(office, arrears);
    const unblock = await block();
    await runNow(office, id);
    await whenRun(office, [id, 1], 'RETRYING');
    await ruleHere([OPEN, CLOSED]);
    expect(await whenRun(office, [id, 1], 'REFUSED')).toMatchObject({ why: { rule: 'amounts-closed' } });
    await unblock();
    await office.rule([OPEN, GIVEN, CLOSED]);
    await runNow(office, id);
    expect(await whenRun(office, [id, 2], 'DELIVERED')).toMatchObject({ isFull: true });
    expect(await files()).toHaveLength(1);
  });

  test('has every run in the trail: what was asked, and what was delivered, with its digest', async () => {
    const id = await activate(office, arrears);
    await runNow(office, id);
    const { queryGroupId } = await whenRun(office, [id, 1], 'DELIVERED');
    await ruleHere([OPEN, CLOSED]);
    await runNow(office, id);
    await whenRun(office, [id, 2], 'REFUSED');
    const query = `{ trail { everything(person: "bank-risk") { records { outcome queryGroupId purpose fields
      dispatch { run idempotencyKey contentDigest rows state reason receipt { digest } } } } } }`;
    interface Record {
      queryGroupId: string;
      purpose: string;
      outcome: string;
      fields: string[];
      dispatch: { run: number; contentDigest: string; reason: string; receipt: { digest: string } } | null;
    }
    const { trail } = await office.ask<{ trail: { everything: { records: Record[] } } }>(query, {}, 'auditor');
    const { records } = trail.everything;
    const ofFirst = records.filter((record) => record.queryGroupId === queryGroupId);
    expect(ofFirst.map(({ purpose, outcome, dispatch }) => [purpose, outcome, dispatch !== null])).toEqual([
      ['credit check', 'ANSWERED', true],
      ['credit check', 'ANSWERED', false],
      ['credit check', 'ANSWERED', false],
    ]);
    const delivery = {
      ...{ idempotencyKey: `${id}:1:1`, dispatch: arrears.name, run: 1, part: 1, isLast: true, queryGroupId },
      content: 'full' as const,
      columns: [
        { name: 'uscc', type: 'text' as const },
        { name: 'name', type: 'text' as const },
        { name: 'headcount', type: 'number' as const },
        { name: 'arrears', type: 'number' as const },
      ],
      key: ['uscc'],
      rows: [...office.enterprises.values()].map(({ uscc, name, headcount, arrears }) => [
        uscc,
        name,
        headcount,
        arrears,
      ]),
      removed: [],
    };
    const digest = digestOf(delivery);
    expect(ofFirst[0]!.dispatch).toMatchObject({ run: 1, contentDigest: digest, receipt: { digest } });
    expect(records.find(({ dispatch }) => dispatch?.run === 2)).toMatchObject({
      outcome: 'REFUSED',
      dispatch: { reason: expect.stringContaining('amounts-closed') as string, receipt: null },
    });
  });

  test('is previewed in the recipient’s name, as part of the request of who looks', async () => {
    await activate(office, arrears);
    const query = '{ trail { everything(first: 10) { records { queryId queryGroupId initiatorPerson } } } }';
    interface Record {
      queryId: string;
      queryGroupId: string | null;
      initiatorPerson: string;
    }
    const { trail } = await office.ask<{ trail: { everything: { records: Record[] } } }>(query, {}, 'auditor');
    const { records } = trail.everything;
    const asked = records.find(({ initiatorPerson }) => initiatorPerson === 'bank-risk')!;
    expect(records.find(({ queryId }) => queryId === asked.queryGroupId)).toMatchObject({ initiatorPerson: 'officer' });
  });

  test('is paused, resumed, replayed and deleted; a run that is dead keeps what it has for a replay', async () => {
    const id = await activate(office, arrears);
    const unblock = await block();
    await runNow(office, id);
    await whenRun(office, [id, 1], 'DEAD');
    await unblock();
    office.enterprises.get('e01')!.name = 'Another';
    const replay = 'mutation ($id: ID!, $run: Int!) { replayDispatchRun(id: $id, run: $run) { state } }';
    await office.ask(replay, { id, run: 1 });
    await whenRun(office, [id, 1], 'DELIVERED');
    expect((await newest())[0]!['name']).toBe('Enterprise "1"');
    await office.ask(replay, { id, run: 1 });
    expect(await whenRun(office, [id, 2], 'DELIVERED')).toMatchObject({ isFull: true, reason: 'REPLAY' });
    expect((await newest())[0]!['name']).toBe('Another');
    await office.ask('mutation ($id: ID!) { pauseDispatch(id: $id) { state } }', { id });
    await expect(runNow(office, id)).rejects.toThrow('It is PAUSED');
    await office.ask('mutation ($id: ID!) { resumeDispatch(id: $id) { state } }', { id });
    await office.ask('mutation ($id: ID!) { deleteDispatch(id: $id) { name } }', { id });
    expect(await runsOf(office, id)).toEqual([]);
  });

  test('is seen and changed by whom its recipient belongs to, and by nobody else', async () => {
    const id = await activate(office, arrears);
    const list = '{ dispatches { ofDepartment { id } recipients { name } } }';
    expect(await office.ask(list, {}, 'other')).toEqual({ dispatches: { ofDepartment: [], recipients: [] } });
    await expect(office.ask('mutation ($id: ID!) { pauseDispatch(id: $id) { id } }', { id }, 'other')).rejects.toThrow(
      'Your department has no such dispatch',
    );
    await expect(office.ask(list, {}, 'auditor')).rejects.toThrow('made by the dispatch officers');
    expect(await office.ask('{ dispatches { everything { id } } }', {}, 'auditor')).toMatchObject({
      dispatches: { everything: expect.arrayContaining([{ id }]) as unknown },
    });
  });

  test.each([
    ['for another department', { recipient: 'tax-risk' }, /no recipient tax-risk/],
    ['of what the graph does not have', { operation: '{ nobody { id } }' }, /does not fit the graph/],
    ['that changes something', { operation: 'mutation { deleteDispatch(id: 1) { id } }' }, /one query/],
    ['whose rows are no list', { rows: 'enterprises.name' }, /no list of objects/],
    ['without its key', { key: ['id'] }, /no column id: there are uscc, name/],
    ['at a time that does not come', { trigger: { cron: '0 0 30 2 *' } }, /no time to come/],
    ['at no time at all', { trigger: { cron: 'often' } }, /cron/],
    ['that is over', { expiresAt: '2020-01-01T00:00:00Z' }, /time to come/],
    ['with variables that it has not', { variables: '{"all":true}' }, /no variable \$all/],
  ])('cannot be made %s', async (_, more, message) => {
    await expect(activate(office, { ...arrears, ...more })).rejects.toThrow(message);
  });
});

test('the schema in the repository is what is served', async () => {
  expect(print(parse(await readFile('schema/dispatch.graphql', 'utf8')))).toBe(print(parse(DISPATCH_SDL)));
});
