import { rename, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { resolveConfig, type ConfigInput } from '../../gateway/config/config.ts';
import { openDispatchStore } from '../../gateway/dispatch/sql-store.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { openDatabase } from '../../gateway/sql/open-database.ts';
import { startGateway, type RunningGateway } from '../../gateway/start.ts';
import { emptyDatabase } from '../kit/postgres-client.ts';
import { startPostgresRelay } from '../kit/postgres-relay.ts';
import { metricsAt, valueOf, type Series } from '../observe/metrics-kit.ts';
import {
  activate,
  ARREARS,
  CLOSED,
  GIVEN,
  OPEN,
  openOffice,
  register,
  runNow,
  whenRun,
  type DispatchOffice,
} from './office.ts';

/** What fails waits for as long as the tests last, unless it is run by hand; the second time it is dead. */
const RETRY = { firstMs: 600_000, maxMs: 600_000, maxAttempts: 2 };

/** A gateway on the store of an office that carries nothing out. */
async function watcher(office: DispatchOffice, more: ConfigInput['dispatch'] = {}): Promise<RunningGateway> {
  const { settings, federation } = office;
  const dispatch = { ...settings.dispatch, ...more, carriesOut: false };
  const places = { supergraph: federation.supergraphFile, http: { port: 0 }, metrics: { port: 0 } };
  const config = resolveConfig({ ...settings, ...places, dispatch }, {});
  const gateway = await startGateway(config, createLog({ write: () => undefined }));
  onTestFinished(() => gateway.close());
  return gateway;
}

/** How things stand now: each gateway asks seldom, and so another one is asked each time. */
async function nowAt(office: DispatchOffice): Promise<Series[]> {
  return metricsAt((await watcher(office)).metricsUrl!);
}

function byLabels(all: readonly Series[], name: string): Record<string, number> {
  const series = all.filter((each) => each.name === `switchyard_dispatch_${name}` && each.value > 0);
  return Object.fromEntries(series.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}

/** Lets the time of a dispatch be over, as if years had passed. */
async function expire(office: DispatchOffice, id: string): Promise<void> {
  const options = { timeoutMs: 5_000, applicationName: 'test', isDurable: false };
  const database = await openDatabase(office.file('dispatch.db'), options);
  const store = await openDispatchStore(database, { keepRuns: 100, keepEvents: 1_000 });
  const dispatch = (await store.find(id))!;
  const { name, recipient } = dispatch.definition;
  const at = new Date().toISOString();
  const event = { kind: 'CHANGED', at, dispatchId: id, name, recipient, department: 'bank' } as const;
  const definition = { ...dispatch.definition, expiresAt: '2020-01-01T00:00:00Z' };
  expect(await store.change(dispatch, { definition }, event)).toBe(true);
  await store.close();
}

/** Nothing can be put where deliveries land. */
async function blocked(office: DispatchOffice, during: () => Promise<void>): Promise<void> {
  const aside = `${office.drop}-aside`;
  await rename(office.drop, aside);
  await writeFile(office.drop, '');
  await during();
  await rm(office.drop);
  await rename(aside, office.drop);
}

describe('after runs of several dispatches', () => {
  let office: DispatchOffice;
  let all: Series[];
  beforeAll(async () => {
    office = await openOffice({ metrics: { port: 0, maxDispatches: 4 }, dispatch: { retry: RETRY } });
    register(office, 5);
    const given = await activate(office, { ...ARREARS, name: 'given' });
    await runNow(office, given);
    await whenRun(office, [given, 1], 'DELIVERED');
    await runNow(office, given);
    await whenRun(office, [given, 2], 'UNCHANGED');
    office.enterprises.delete('e01');
    office.enterprises.get('e02')!.arrears = 7;
    await runNow(office, given);
    await whenRun(office, [given, 3], 'DELIVERED');
    const undelivered = await activate(office, { ...ARREARS, name: 'undelivered' });
    await blocked(office, async () => {
      await runNow(office, undelivered);
      await whenRun(office, [undelivered, 1], 'RETRYING');
      await runNow(office, undelivered);
      await whenRun(office, [undelivered, 1], 'DEAD');
    });
    const expiring = await activate(office, { ...ARREARS, name: 'expiring' });
    office.failure.message = 'The register is away.';
    await runNow(office, expiring);
    await whenRun(office, [expiring, 1], 'RETRYING');
    await expire(office, expiring);
    await whenRun(office, [expiring, 1], 'REFUSED');
    office.failure.message = undefined;
    const refused = await activate(office, { ...ARREARS, name: 'refused' });
    await office.rule([OPEN, CLOSED]);
    await runNow(office, refused);
    await whenRun(office, [refused, 1], 'REFUSED');
    await office.rule([OPEN, GIVEN, CLOSED]);
    for (const name of ['fifth', 'sixth']) {
      const id = await activate(office, { ...ARREARS, name });
      await runNow(office, id);
      await whenRun(office, [id, 1], 'DELIVERED');
      await office.ask('mutation ($id: ID!) { pauseDispatch(id: $id) { state } }', { id });
    }
    all = await metricsAt(office.federation.metricsUrl!);
  });
  afterAll(() => office.close());

  test('they are counted by dispatch and by how they ended, those beyond the bound together', () => {
    expect(byLabels(all, 'runs_total')).toEqual({
      ...{ 'given DELIVERED': 2, 'given UNCHANGED': 1, 'undelivered DEAD': 1, 'expiring EXPIRED': 1 },
      ...{ 'refused REFUSED': 1, 'other DELIVERED': 2 },
    });
    expect(valueOf(all, 'switchyard_dispatch_runs_total', { dispatch: 'given', outcome: 'DEAD' })).toBe(0);
  });

  test('attempts that are made again are counted by why, a code of a department being none of ours', () => {
    expect(byLabels(all, 'retries_total')).toEqual({
      'undelivered RECEIVER_UNAVAILABLE': 1,
      'expiring DOWNSTREAM_SERVICE_ERROR': 1,
    });
  });

  test('parts and rows are counted that receivers have, with those that are no more', () => {
    expect(byLabels(all, 'parts_total')).toEqual({ given: 2, other: 2 });
    expect(byLabels(all, 'rows_total')).toEqual({ given: 7, other: 8 });
  });

  test('it is told how long after they were due they ended', () => {
    const label = { dispatch: 'given' };
    expect(valueOf(all, 'switchyard_dispatch_due_to_end_seconds_count', label)).toBe(3);
    const sum = valueOf(all, 'switchyard_dispatch_due_to_end_seconds_sum', label)!;
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan(60);
  });

  test('it is told how dispatches stand, the same at each gateway on the store', async () => {
    const other = await nowAt(office);
    for (const each of [all, other]) {
      expect(byLabels(each, 'states')).toEqual({ ACTIVE: 2, STOPPED: 1, EXPIRED: 1, PAUSED: 2 });
      expect(valueOf(each, 'switchyard_dispatch_states', { state: 'DRAFT' })).toBe(0);
      expect(valueOf(each, 'switchyard_dispatch_up')).toBe(1);
      expect(valueOf(each, 'switchyard_dispatch_dead_runs')).toBe(1);
      expect(valueOf(each, 'switchyard_dispatch_runs_in_flight')).toBe(0);
      expect(valueOf(each, 'switchyard_dispatch_late_seconds')).toBe(0);
    }
    // And what was run is told by the one that ran it.
    expect(byLabels(other, 'runs_total')).toEqual({});
  });
});

describe('how dispatches stand', () => {
  let office: DispatchOffice;
  beforeAll(async () => {
    office = await openOffice({ metrics: { port: 0 }, dispatch: { retry: RETRY } });
    register(office, 2);
  });
  afterAll(() => office.close());

  test('tells of runs that are dead until they are replayed or given up', async () => {
    const deadRuns = async () => valueOf(await nowAt(office), 'switchyard_dispatch_dead_runs');
    const replayed = await activate(office, { ...ARREARS, name: 'replayed' });
    const discarded = await activate(office, { ...ARREARS, name: 'discarded' });
    office.failure.message = 'The register is away.';
    for (const id of [replayed, discarded]) {
      await runNow(office, id);
      await whenRun(office, [id, 1], 'RETRYING');
      await runNow(office, id);
      await whenRun(office, [id, 1], 'DEAD');
    }
    office.failure.message = undefined;
    expect(await deadRuns()).toBe(2);
    await office.ask('mutation ($id: ID!) { discardDispatchRun(id: $id, run: 1) { id } }', { id: discarded });
    expect(await deadRuns()).toBe(1);
    await office.ask('mutation ($id: ID!) { replayDispatchRun(id: $id, run: 1) { id } }', { id: replayed });
    await whenRun(office, [replayed, 2], 'DELIVERED');
    expect(await deadRuns()).toBe(0);
  });

  test('tells of a run that is under way, and how long ago it was due', async () => {
    const { promise: answering, resolve: answer } = Promise.withResolvers<void>();
    const id = await activate(office, { ...ARREARS, name: 'slow' });
    const before = office.asked.times;
    office.held.until = answering;
    await runNow(office, id);
    await vi.waitUntil(() => office.asked.times > before, { timeout: 10_000 });
    const meanwhile = await metricsAt(office.federation.metricsUrl!);
    expect(valueOf(meanwhile, 'switchyard_dispatch_runs_in_flight')).toBe(1);
    expect(valueOf(await nowAt(office), 'switchyard_dispatch_late_seconds')).toBeGreaterThan(0);
    office.held.until = undefined;
    answer();
    await whenRun(office, [id, 1], 'DELIVERED');
    expect(valueOf(await nowAt(office), 'switchyard_dispatch_late_seconds')).toBe(0);
  });
});

test('What nobody carries out is late', async () => {
  const office = await openOffice({ dispatch: { carriesOut: false } });
  onTestFinished(() => office.close());
  await runNow(office, await activate(office, ARREARS));
  expect(valueOf(await nowAt(office), 'switchyard_dispatch_late_seconds')).toBeGreaterThan(0);
});

describe('a store of dispatches', () => {
  const STANDING = ['states', 'dead_runs', 'late_seconds'].map((name) => `switchyard_dispatch_${name}`);
  const told = (all: readonly Series[]) => ({
    up: valueOf(all, 'switchyard_dispatch_up'),
    standing: STANDING.filter((name) => all.some((each) => each.name === name)),
    inFlight: valueOf(all, 'switchyard_dispatch_runs_in_flight'),
  });
  const open = async (more: ConfigInput['dispatch'] = {}) => {
    const database = await emptyDatabase();
    onTestFinished(() => database.close());
    const relay = await startPostgresRelay(database.url);
    onTestFinished(() => relay.close());
    const office = await openOffice({ metrics: { port: 0 }, dispatch: { store: relay.url, ...more } });
    onTestFinished(() => office.close());
    return { relay, office, read: () => metricsAt(office.federation.metricsUrl!) };
  };

  test('that hangs keeps nobody from reading the other metrics, and is told of when it answers', async () => {
    const { relay, office, read } = await open({ carriesOut: false, timeoutMs: 60_000 });
    // A connection that is used now is there still, and is the one that is taken next.
    await office.ask('{ dispatches { ofDepartment { name } } }');
    const go = relay.hold();
    const beganMs = performance.now();
    const all = await read();
    expect(performance.now() - beganMs).toBeLessThan(10_000);
    expect(told(all)).toEqual({ up: 0, standing: [], inFlight: 0 });
    expect(valueOf(all, 'process_resident_memory_bytes')).toBeGreaterThan(0);
    go();
    await vi.waitUntil(async () => told(await read()).up === 1, { timeout: 15_000 });
    expect(told(await read())).toEqual({ up: 1, standing: STANDING, inFlight: 0 });
  });

  test('that goes away is told of, and nothing more of what it held, until it is back', async () => {
    const { relay, read } = await open();
    expect(told(await read())).toEqual({ up: 1, standing: STANDING, inFlight: 0 });
    relay.cut();
    await vi.waitUntil(async () => told(await read()).up === 0, { timeout: 15_000 });
    expect(told(await read())).toEqual({ up: 0, standing: [], inFlight: 0 });
    relay.restore();
    await vi.waitUntil(async () => told(await read()).up === 1, { timeout: 15_000 });
    expect(told(await read())).toEqual({ up: 1, standing: STANDING, inFlight: 0 });
  });
});
