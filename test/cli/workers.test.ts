import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ConfigInput } from '../../gateway/config/config.ts';
import { verifyStore } from '../../gateway/audit/verify-store.ts';
import type { StartedProgram } from '../../network/process.ts';
import { makePlace } from '../audit/trail-kit.ts';
import { temporaryFolder } from '../kit/department.ts';
import { startGatewayProgram } from '../kit/gateway-program.ts';
import { keepRequesting, type RequestLoop } from '../kit/request-loop.ts';
import { serveFederation } from '../kit/served-federation.ts';
import { NUMBERED_QUERY, numberedAnswer, PEOPLE, putNumber } from '../serving/numbered-supergraphs.ts';

const PATIENCE = { timeout: 60_000, interval: 50 };
const WORKERS = 2;

interface Supervised extends StartedProgram {
  supergraphFile: string;
  /** Processes of its workers, by their numbers. */
  workers(): Promise<Map<number, number>>;
  load(): RequestLoop;
}

async function start(more: ConfigInput = {}): Promise<Supervised> {
  const federation = await serveFederation(PEOPLE, { graphiql: false });
  onTestFinished(() => federation.close());
  const folder = temporaryFolder();
  onTestFinished(() => folder.close());
  const { supergraphFile } = federation;
  // A client that does not run for as long as it is told loses a request, and on a loaded machine half a second is soon over.
  const http = { shutdownAnnounceMs: 3_000 };
  const config: ConfigInput = { supergraph: supergraphFile, graphiql: false, operations: 'none', http, ...more };
  const program = await startGatewayProgram(folder.path, config, {}, ['--workers', String(WORKERS)]);
  onTestFinished(() => program.stop());
  return {
    ...program,
    supergraphFile,
    workers: () => childrenOf(program.pid),
    load: () =>
      keepRequesting({
        url: program.url,
        query: NUMBERED_QUERY,
        isRight: (body) => isDeepStrictEqual(body, numberedAnswer(0)),
        atOnce: 8,
      }),
  };
}

/** Processes that a supervisor started and that are not gone, by the number of each. */
async function childrenOf(pid: number): Promise<Map<number, number>> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const pids = text.split(' ').filter(Boolean).map(Number);
  const found = await Promise.all(
    pids.map(async (child): Promise<[number, number]> => {
      const env = await readFile(`/proc/${child}/environ`, 'latin1').catch(() => '');
      return [Number(/SWITCHYARD_WORKER=(\d+)/.exec(env)?.[1]), child];
    }),
  );
  return new Map(found.filter(([number]) => number > 0));
}

/** Asks on connections of its own until each worker has said that it is ready. */
async function readyWorkers(url: string): Promise<Record<string, unknown>[]> {
  const states = new Map<unknown, Record<string, unknown>>();
  await vi.waitUntil(async () => {
    const answer = await fetch(new URL('/ready', url), { headers: { connection: 'close' } });
    const state = (await answer.json()) as Record<string, unknown>;
    states.set(state['worker'], state);
    return states.size === WORKERS;
  }, PATIENCE);
  return [...states.values()];
}

async function metricsOf(url: string): Promise<string> {
  const answer = await fetch(new URL('/metrics', url), { headers: { connection: 'close' } });
  return answer.text();
}

test('several processes answer at one address, each says which it is, and all follow the supergraph', async () => {
  const supervised = await start({ metrics: { besideGraph: true } });
  const { supergraphFile, url, pid } = supervised;
  expect(new Set((await readyWorkers(url)).map(({ worker }) => worker))).toEqual(new Set([1, 2]));
  await vi.waitFor(async () => expect(await metricsOf(url)).toContain('worker="1"'), PATIENCE);
  await vi.waitFor(async () => expect(await metricsOf(url)).toContain('worker="2"'), PATIENCE);
  const hash = await putNumber(supergraphFile, 1);
  process.kill(pid, 'SIGHUP');
  await vi.waitFor(async () => {
    const states = await readyWorkers(url);
    expect(states.map(({ supergraph }) => supergraph)).toEqual([hash, hash]);
  }, PATIENCE);
}, 120_000);

test('SIGUSR2 under load starts every worker anew, and no request is lost', async () => {
  const supervised = await start();
  const before = await supervised.workers();
  expect(new Set(before.keys())).toEqual(new Set([1, 2]));
  const load = supervised.load();
  await load.answeredMore(50);
  process.kill(supervised.pid, 'SIGUSR2');
  await vi.waitFor(async () => {
    const now = await supervised.workers();
    expect(now.size).toBe(WORKERS);
    for (const pid of before.values()) expect([...now.values()]).not.toContain(pid);
  }, PATIENCE);
  await load.answeredMore(50);
  const counts = await load.end();
  console.log('Workers started anew:', counts);
  expect(counts).toMatchObject({ wrong: 0, refused: 0, lost: 0 });
}, 120_000);

test('a worker that is killed loses what it held and no more, and is there again', async () => {
  const supervised = await start();
  const before = await supervised.workers();
  const load = supervised.load();
  await load.answeredMore(50);
  process.kill(before.get(1)!, 'SIGKILL');
  await load.answeredMore(50);
  await vi.waitFor(async () => {
    const now = await supervised.workers();
    expect(now.get(1)).toBeGreaterThan(0);
    expect(now.get(1)).not.toBe(before.get(1));
    expect(now.get(2)).toBe(before.get(2));
  }, PATIENCE);
  await readyWorkers(supervised.url);
  const counts = await load.end();
  console.log('A worker killed:', counts);
  expect(counts).toMatchObject({ wrong: 0, refused: 0 });
  // One for each connection that it may have held.
  expect(counts.lost).toBeLessThanOrEqual(8);
}, 120_000);

test('SIGTERM under load lets every request end, and every process', async () => {
  const supervised = await start();
  const workers = [...(await supervised.workers()).values()];
  const load = supervised.load();
  await load.answeredMore(50);
  process.kill(supervised.pid, 'SIGTERM');
  expect(await supervised.exited).toEqual({ code: 0, signal: null });
  const counts = await load.end();
  console.log('Workers told to stop:', counts);
  expect(counts).toMatchObject({ wrong: 0, lost: 0 });
  for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
}, 120_000);

test('workers write to one SQLite file, each a chain of its own, and what they wrote verifies', async () => {
  const place = await makePlace();
  onTestFinished(() => place.close());
  const supervised = await start({ audit: place.settings() });
  await readyWorkers(supervised.url);
  const load = supervised.load();
  await load.answeredMore(100);
  const { answered, lost } = await load.end();
  expect(lost).toBe(0);
  await supervised.stop();
  const store = await place.store();
  const report = await verifyStore(store, {});
  expect(report).toMatchObject({ ok: true, faults: [], records: answered });
  expect(report.chains.map(({ isClosed }) => isClosed)).toEqual([true, true]);
}, 120_000);

test('workers that cannot start are the one line that says why', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder.close());
  const started = startGatewayProgram(folder.path, { supergraph: 'nowhere.graphql' }, {}, ['--workers', '2']);
  await expect(started).rejects.toThrow('The supergraph nowhere.graphql cannot be read');
}, 120_000);

test('workers without Redis are refused where answers can be invalidated, as only one of them would hear of it', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder.close());
  const env = { SWITCHYARD_INVALIDATION_SECRET: 'let me forget' };
  const started = startGatewayProgram(folder.path, {}, env, ['--workers', '2']);
  await expect(started).rejects.toThrow('cache.invalidation needs Redis where there are several workers');
}, 120_000);
