import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { definitionSchema } from '../../gateway/dispatch/definition.ts';
import type { Receipt } from '../../gateway/dispatch/delivery.ts';
import type { Claim, Dispatch, DispatchEvent, Run } from '../../gateway/dispatch/dispatch.ts';
import { openDispatchStore } from '../../gateway/dispatch/sql-store.ts';
import type { DispatchStore } from '../../gateway/dispatch/store.ts';
import { openDatabase } from '../../gateway/sql/open-database.ts';
import { temporaryFolder } from '../kit/department.ts';
import { emptyDatabase } from '../kit/postgres-client.ts';

const NOW = 1_800_000_000_000;
const KEEPING = { keepRuns: 3, keepEvents: 1_000 };

interface Place {
  open(): Promise<DispatchStore>;
  close(): unknown;
}

function placeAt(store: string, close: () => unknown): Place {
  const options = { timeoutMs: 5_000, applicationName: 'switchyard dispatch', isDurable: false };
  return { open: async () => openDispatchStore(await openDatabase(store, options), KEEPING), close };
}

/** Every database must pass the same tests. */
const PLACES: [string, () => Promise<Place>][] = [
  [
    'SQLite',
    () => {
      const folder = temporaryFolder();
      return Promise.resolve(placeAt(folder.file('dispatch.db'), folder.close));
    },
  ],
  [
    'PostgreSQL',
    async () => {
      const { url, close } = await emptyDatabase();
      return placeAt(url, close);
    },
  ],
];

function dispatch(more: Partial<Dispatch> = {}): Dispatch {
  const id = randomUUID();
  const definition = definitionSchema.parse({
    ...{
      name: `d-${id}`,
      recipient: 'bank',
      operation: '{ a }',
      purpose: 'p',
      legalBasis: 'l',
      rows: 'a',
      key: ['id'],
    },
  });
  return {
    ...{ id, department: 'bank', definition, revision: 1, state: 'ACTIVE', stateReason: undefined, madeBy: 'li' },
    ...{ madeAtMs: NOW, nextAtMs: undefined, pendingAtMs: undefined, pendingReason: undefined, lastRun: 0 },
    ...{ currentRun: undefined, retryAtMs: undefined, hasBaseline: false, ...more },
  };
}

function event({ id, definition }: Dispatch, kind: DispatchEvent['kind'] = 'CREATED'): DispatchEvent {
  const at = new Date(NOW).toISOString();
  return { kind, at, dispatchId: id, name: definition.name, recipient: 'bank', department: 'bank' };
}

function run({ id }: Dispatch, number: number, more: Partial<Run> = {}): Run {
  return {
    ...{ dispatchId: id, number, revision: 1, state: 'RUNNING', reason: 'HAND', queryGroupId: 'q', content: 'full' },
    ...{ dueAt: '', beganAt: '', attempt: 1, isPrepared: false },
    ...{ rowsRead: 0, rows: 0, removed: 0, parts: 0, partsTaken: 0, ...more },
  };
}

function receipt(key: string): Receipt {
  return { receiver: 'bank', idempotencyKey: key, digest: 'd', rows: 1, takenAt: '2026-01-01T00:00:00Z' };
}

describe.each(PLACES)('dispatches in %s', (_, make) => {
  let place: Place;
  let store: DispatchStore;
  beforeAll(async () => {
    place = await make();
    // As gateways do that are started together.
    const [first, ...others] = await Promise.all([place.open(), place.open(), place.open(), place.open()]);
    store = first!;
    await Promise.all(others.map((each) => each.close()));
  });
  afterAll(async () => {
    await store.close();
    await place.close();
  });

  async function added(more: Partial<Dispatch> = {}): Promise<Dispatch> {
    const one = dispatch(more);
    expect(await store.add(one, event(one))).toBe(true);
    return one;
  }

  /** Claims whatever is due until it is this one. */
  async function claimed(one: Dispatch, nowMs = NOW, leaseMs = 1_000): Promise<Claim> {
    for (;;) {
      const claim = (await store.claim('me', nowMs, leaseMs))!;
      if (claim.dispatch.id === one.id) return claim;
    }
  }

  test('are found as they were added, once under each name, also by who opens the place again', async () => {
    const one = await added({ stateReason: { code: 'C', text: 'Ünïcode "why"', rule: 'r' }, nextAtMs: NOW + 5 });
    expect(await store.add({ ...dispatch(), definition: one.definition }, event(one))).toBe(false);
    const other = await place.open();
    expect(await other.find(one.id)).toEqual(one);
    expect(await other.list({ department: 'bank' }, 1_000)).toContainEqual(one);
    expect(await other.list({ department: 'tax' }, 1_000)).toEqual([]);
    await other.close();
    expect(await store.remove(one, event(one, 'DELETED'))).toBe(true);
    expect(await store.find(one.id)).toBeUndefined();
  });

  test('are claimed by one gateway each, however many look at once', async () => {
    const due = await Promise.all(Array.from({ length: 30 }, () => added({ nextAtMs: NOW })));
    await added({ nextAtMs: NOW + 1 });
    await added({ nextAtMs: NOW, state: 'PAUSED' });
    const gateways = await Promise.all([place.open(), place.open(), place.open()]);
    const took = async (gateway: DispatchStore, holder: string): Promise<string[]> => {
      const ids: string[] = [];
      for (let claim; (claim = await gateway.claim(holder, NOW, 60_000));) ids.push(claim.dispatch.id);
      return ids;
    };
    // Each of them with two at once, as a gateway does.
    const taken = await Promise.all(
      gateways.flatMap((gateway, index) => [took(gateway, `${index}a`), took(gateway, `${index}b`)]),
    );
    expect(taken.flat().toSorted()).toEqual(due.map(({ id }) => id).toSorted());
    await Promise.all(gateways.map((each) => each.close()));
  });

  test('let nobody write who has them no more', async () => {
    const one = await added({ nextAtMs: NOW });
    const late = await claimed(one);
    expect(await store.begin(late, run(one, 1), undefined)).toBe(true);
    expect(await store.keep(late, 1, 1, { rows: [['a']], removed: [], pages: [null] })).toBe(true);
    const next = await claimed(one, NOW + 2_000);
    expect(next).toMatchObject({ dispatch: { currentRun: 1, lastRun: 1 } });
    expect(await store.renew(late, NOW + 9_000)).toBe(false);
    expect(await store.keep(late, 1, 2, { rows: [], removed: [], pages: [] })).toBe(false);
    expect(await store.take(late, run(one, 1), { part: 1, receipt: receipt('k') })).toBe(false);
    expect(await store.end(late, { run: run(one, 1, { state: 'DELIVERED' }), events: [event(one, 'DELIVERED')] })).toBe(
      false,
    );
    expect(await store.run(one.id, 1)).toMatchObject({ state: 'RUNNING' });
    expect(await store.deliveries(one.id, 1)).toEqual([{ part: 1, receipt: undefined }]);
    expect(await store.take(next, run(one, 1), { part: 1, receipt: receipt('k') })).toBe(true);
    expect(await store.end(next, { run: run(one, 1, { state: 'DELIVERED' }), events: [] })).toBe(true);
    expect(await store.delivery(one.id, 1, 1)).toEqual({ part: 1, content: undefined, receipt: receipt('k') });
    expect(await store.find(one.id)).toMatchObject({ currentRun: undefined, lastRun: 1 });
  });

  test('are due again when it is time to try again, and go on at once where they were let go of', async () => {
    const one = await added({ nextAtMs: NOW });
    const claim = await claimed(one);
    await store.begin(claim, run(one, 1), NOW);
    const waiting = run(one, 1, { state: 'RETRYING' });
    expect(await store.retry(claim, waiting, NOW + 500, event(one, 'RETRYING'))).toBe(true);
    expect(await store.claim('me', NOW + 499, 1_000)).toBeUndefined();
    const again = await claimed(one, NOW + 500);
    await store.release(again);
    await store.release(await claimed(one, NOW + 500));
  });

  test('are changed by people while nobody runs them, and paused at any time', async () => {
    const one = await added({ nextAtMs: NOW });
    const claim = await claimed(one);
    const definition = { ...one.definition, title: 'another' };
    expect(await store.change(one, { definition, revision: 2 }, event(one, 'CHANGED'))).toBe(false);
    expect(await store.change(one, { state: 'PAUSED' }, event(one, 'PAUSED'))).toBe(true);
    await store.begin(claim, run(one, 1), undefined);
    await store.end(claim, { run: run(one, 1), events: [], state: 'STOPPED', stateReason: { code: 'C', text: 't' } });
    const paused = (await store.find(one.id))!;
    expect(paused).toMatchObject({ state: 'PAUSED', lastRun: 1 });
    expect(await store.change(one, { state: 'ACTIVE' }, event(one))).toBe(false);
    expect(await store.change(paused, { definition, revision: 2 }, event(one, 'CHANGED'))).toBe(true);
    expect(await store.find(one.id)).toMatchObject({ revision: 2, definition: { title: 'another' } });
  });

  test('know what the recipient has, page by page, and what of it is no more', async () => {
    const one = await added({ nextAtMs: NOW });
    const first = await claimed(one);
    await store.begin(first, run(one, 1), NOW);
    const known = ['a', 'b', 'c'].map((key) => ({ keyDigest: key, rowDigest: `${key}1`, key: JSON.stringify([key]) }));
    const all = { part: 1, receipt: receipt('k'), has: { rows: known, removed: [] } };
    await store.take(first, run(one, 1), all);
    await store.end(first, { run: run(one, 1), has: 'all', events: [] });
    const second = await claimed(one);
    expect(second.dispatch.hasBaseline).toBe(true);
    expect(Object.fromEntries(await store.mark(second, ['a', 'c', 'x']))).toEqual({ a: 'a1', c: 'c1' });
    expect(await store.unmarked(second, '', 10)).toEqual([{ keyDigest: 'b', key: '["b"]' }]);
    expect(await store.unmarked(second, 'b', 10)).toEqual([]);
    await store.begin(second, run(one, 2), undefined);
    const nothing = {
      part: 1,
      receipt: receipt('k'),
      has: { rows: [{ ...known[2]!, rowDigest: 'c9' }], removed: ['a'] },
    };
    await store.take(second, run(one, 2), nothing);
    // What was taken by parts of a run that did not end so does not count.
    await store.clear(second, 2);
    const changed = { rows: [{ ...known[0]!, rowDigest: 'a2' }], removed: ['b'] };
    await store.take(second, run(one, 2), { part: 1, receipt: receipt('k'), has: changed });
    await store.end(second, { run: run(one, 2), has: 'changes', events: [] });
    await store.ask(one.id, 'CHANGE', NOW);
    const third = await claimed(one);
    expect(third.dispatch.pendingReason).toBe('CHANGE');
    expect(Object.fromEntries(await store.mark(third, ['a', 'b', 'c']))).toEqual({ a: 'a2', c: 'c1' });
    await store.release(third);
  });

  test('are due on change once nothing has changed for a while, and not for ever later', async () => {
    const { definition } = dispatch();
    const trigger = { ...definition.trigger, onChangeOf: ['A.b'] };
    const one = await added({ definition: { ...definition, trigger } });
    expect((await store.watching()).map(({ id }) => id)).toEqual([one.id]);
    const settled = async (): Promise<number> => (await store.find(one.id))!.pendingAtMs! - NOW;
    await store.noteChange(one.id, NOW, 100);
    expect(await settled()).toBe(100);
    for (const afterMs of [50, 140, 230, 320, 410]) await store.noteChange(one.id, NOW + afterMs, 100);
    expect(await settled()).toBe(510);
    for (const afterMs of [500, 590, 680, 770, 860, 950]) await store.noteChange(one.id, NOW + afterMs, 100);
    expect(await settled()).toBe(1_000);
    await store.noteChange(one.id, NOW + 1_200, 100);
    expect(await settled()).toBe(1_000);
    const claim = await claimed(one, NOW + 1_000);
    expect(claim.dispatch.pendingReason).toBe('CHANGE');
    await store.begin(claim, run(one, 1), undefined);
    await store.noteChange(one.id, NOW + 1_300, 100);
    expect(await settled()).toBe(1_400);
    await store.end(claim, { run: run(one, 1), events: [] });
  });

  test('stand together as many in each state, dead at the end of their runs or not, and due since', async () => {
    const own = await make();
    const alone = await own.open();
    onTestFinished(async () => {
      await alone.close();
      await own.close();
    });
    expect(await alone.standing()).toEqual({
      states: { DRAFT: 0, READY: 0, ACTIVE: 0, PAUSED: 0, STOPPED: 0, EXPIRED: 0 },
      deadRuns: 0,
      firstDueAtMs: undefined,
    });
    const add = async (more: Partial<Dispatch>): Promise<Dispatch> => {
      const one = dispatch(more);
      await alone.add(one, event(one));
      return one;
    };
    await add({ state: 'PAUSED', nextAtMs: NOW - 9 });
    await add({ state: 'STOPPED', nextAtMs: NOW + 80, pendingAtMs: NOW + 70 });
    expect(await alone.standing()).toMatchObject({ firstDueAtMs: NOW + 70 });
    await add({ nextAtMs: NOW + 60, pendingAtMs: NOW + 90 });
    expect(await alone.standing()).toMatchObject({
      states: { ACTIVE: 1, PAUSED: 1, STOPPED: 1 },
      firstDueAtMs: NOW + 60,
    });
    const one = await add({ nextAtMs: NOW });
    const claim = (await alone.claim('me', NOW, 1_000))!;
    const begun = run(one, 1, { dueAt: new Date(NOW - 500).toISOString() });
    await alone.begin(claim, begun, undefined);
    expect(await alone.standing()).toMatchObject({ states: { ACTIVE: 2 }, deadRuns: 0, firstDueAtMs: NOW - 500 });
    // What departments write may be no text that a database takes.
    const why = { code: 'C', text: 'NUL \u0000 and half a character \ud83d' };
    await alone.end(claim, { run: { ...begun, state: 'DEAD', why }, events: [] });
    expect(await alone.standing()).toMatchObject({ deadRuns: 1, firstDueAtMs: NOW + 60 });
    const dead = (await alone.find(one.id))!;
    await alone.change(dead, { currentRun: undefined }, event(one), { ...begun, state: 'DEAD', isGivenUp: true });
    expect(await alone.standing()).toMatchObject({ deadRuns: 0 });
  });

  test('tell what happened in one order, and of runs as many as are kept', async () => {
    const other = await place.open();
    const before = (await store.events({}, 0, 1_000)).at(-1)?.number ?? 0;
    const many = await Promise.all(
      Array.from({ length: 20 }, async (_none, index) => {
        const one = dispatch({ madeBy: 'wang', nextAtMs: NOW });
        await (index % 2 === 0 ? store : other).add(one, event(one));
        return one;
      }),
    );
    await other.close();
    const told = await store.events({ madeBy: 'wang' }, before, 1_000);
    expect(told.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_none, index) => before + 1 + index));
    const [one] = many;
    for (let number = 1; number <= 5; number += 1) {
      const claim = await claimed(one!);
      await store.begin(claim, run(one!, number), NOW);
      await store.end(claim, { run: run(one!, number), events: [] });
    }
    expect((await store.runs(one!.id, 10)).map(({ number }) => number)).toEqual([5, 4, 3]);
    const { definition } = one!;
    expect(await store.remove((await store.find(one!.id))!, event(one!, 'DELETED'))).toBe(true);
    const again = await added({ definition });
    expect(await store.find(again.id)).toMatchObject({ lastRun: 5 });
  });
});
