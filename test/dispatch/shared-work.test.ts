/** `npm run dispatch-load` has a thousand due in a minute, on three processes, and measures what the graph's clients notice. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { resolveConfig } from '../../gateway/config/config.ts';
import { definitionSchema } from '../../gateway/dispatch/definition.ts';
import type { Dispatch } from '../../gateway/dispatch/dispatch.ts';
import { openDispatchStore } from '../../gateway/dispatch/sql-store.ts';
import type { DispatchStore } from '../../gateway/dispatch/store.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { openDatabase } from '../../gateway/sql/open-database.ts';
import { startGateway } from '../../gateway/start.ts';
import { startGatewayProgram } from '../kit/gateway-program.ts';
import { emptyDatabase } from '../kit/postgres-client.ts';
import { ARREARS, openOffice, register, type DispatchOffice } from './office.ts';

const DUE = Number(process.env['SWITCHYARD_DISPATCH_LOAD'] ?? 20);
const IS_MEASURED = process.env['SWITCHYARD_DISPATCH_LOAD'] !== undefined;
const GATEWAYS = 3;
/** Over which time they become due. */
const SPREAD_MS = IS_MEASURED ? 60_000 : 300;
const QUIET_MS = 30_000;
/** Requests a second of clients, to each gateway. */
const RATE = 20;
const ROWS = 50;

function dueDispatch(number: number, nextAtMs: number): Dispatch {
  const definition = definitionSchema.parse({
    ...ARREARS,
    name: `due-${number}`,
    pages: { ...ARREARS.pages, size: 100 },
  });
  return {
    ...{ id: randomUUID(), department: 'bank', definition, revision: 1, state: 'ACTIVE', stateReason: undefined },
    ...{ madeBy: 'officer', madeAtMs: Date.now(), nextAtMs, pendingAtMs: undefined, pendingReason: undefined },
    ...{ lastRun: 0, currentRun: undefined, retryAtMs: undefined, hasBaseline: false },
  };
}

async function makeDue(store: DispatchStore): Promise<Dispatch[]> {
  const nowMs = Date.now();
  const all = Array.from({ length: DUE }, (_, index) => dueDispatch(index, nowMs + (index / DUE) * SPREAD_MS));
  for (const each of all) {
    const { id, definition, department } = each;
    const at = new Date().toISOString();
    const event = {
      kind: 'CREATED',
      at,
      dispatchId: id,
      name: definition.name,
      recipient: 'bank-risk',
      department,
    } as const;
    await store.add(each, event);
  }
  return all;
}

/** Another gateway on the same: in this process, or, where it is measured, in one of its own. */
async function another(office: DispatchOffice): Promise<string> {
  const supergraph = office.federation.supergraphFile;
  const config = { ...office.settings, supergraph, http: { port: 0 } };
  if (IS_MEASURED) {
    const program = await startGatewayProgram(office.folder, config);
    onTestFinished(() => program.stop());
    return program.url;
  }
  const gateway = await startGateway(resolveConfig(config, {}), createLog({ write: () => undefined }));
  onTestFinished(() => gateway.close());
  return gateway.url;
}

/** Asks the gateways at a steady rate, whether they are quick or not, until it is told to end; gives how long each answer took. */
function askSteadily(urls: readonly string[]): () => Promise<number[]> {
  const took: Promise<number>[] = [];
  const body = JSON.stringify({ query: '{ enterprises(first: 5) { uscc name } }' });
  const ask = async (url: string): Promise<number> => {
    const beganMs = performance.now();
    const headers = { 'content-type': 'application/json', 'x-api-key': 'officer' };
    await (await fetch(url, { method: 'POST', headers, body })).text();
    return performance.now() - beganMs;
  };
  const timers = urls.map((url) => setInterval(() => void took.push(ask(url)), 1_000 / RATE));
  return async () => {
    for (const timer of timers) clearInterval(timer);
    return Promise.all(took);
  };
}

function percentile(values: readonly number[], part: number): number {
  return values.toSorted((one, other) => one - other)[Math.ceil(values.length * part) - 1] ?? Number.NaN;
}

function timesOf(values: readonly number[]): string {
  const [p50, p99] = [percentile(values, 0.5), percentile(values, 0.99)];
  return `${values.length} requests, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
}

test(
  `${DUE} dispatches that are due are run by ${GATEWAYS} gateways, each once`,
  { timeout: 60_000 + SPREAD_MS * 6 },
  async () => {
    const database = await emptyDatabase();
    onTestFinished(() => database.close());
    const recipients = { ...(IS_MEASURED ? { carriesOut: false } : {}), store: database.url };
    const office = await openOffice({ dispatch: recipients });
    onTestFinished(() => office.close());
    register(office, ROWS);
    const settings = { ...office.settings, dispatch: { ...office.settings.dispatch, carriesOut: true } };
    const urls: string[] = [];
    for (let number = IS_MEASURED ? 0 : 1; number < GATEWAYS; number += 1)
      urls.push(await another({ ...office, settings }));
    const options = { timeoutMs: 5_000, applicationName: 'test', isDurable: false };
    const store = await openDispatchStore(await openDatabase(database.url, options), {
      keepRuns: 10,
      keepEvents: 10_000,
    });
    onTestFinished(() => store.close());
    const quiet = IS_MEASURED ? askSteadily(urls) : undefined;
    if (quiet) await pause(QUIET_MS);
    const before = (await quiet?.()) ?? [];
    const loaded = IS_MEASURED ? askSteadily(urls) : undefined;
    const beganMs = performance.now();
    const all = await makeDue(store);
    const ended = async (): Promise<number> => {
      const events = await store.events({}, 0, 10_000);
      return events.filter(({ kind }) => kind === 'DELIVERED').length;
    };
    await vi.waitUntil(async () => (await ended()) >= DUE, { timeout: SPREAD_MS * 5 + 10_000, interval: 250 });
    const tookMs = performance.now() - beganMs;
    const during = (await loaded?.()) ?? [];
    const runs = await Promise.all(all.map(({ id }) => store.runs(id, 10)));
    const counts = runs.map((each) => each.length);
    if (IS_MEASURED)
      console.log(
        `${DUE} dispatches of ${ROWS} rows due within ${SPREAD_MS / 1_000} s on ${GATEWAYS} gateways: all delivered after ${(tookMs / 1_000).toFixed(1)} s, ` +
          `${counts.filter((count) => count === 1).length} run once; the graph: quiet ${timesOf(before)}; during ${timesOf(during)}.`,
      );
    expect(counts).toEqual(Array.from({ length: DUE }, () => 1));
    expect(Object.keys(await office.delivered())).toHaveLength(DUE);
    expect(
      runs.flat().every(({ state, attempt, rows }) => state === 'DELIVERED' && attempt === 1 && rows === ROWS),
    ).toBe(true);
    if (IS_MEASURED) expect(percentile(during, 0.99)).toBeLessThan(2 * percentile(before, 0.99));
  },
);
