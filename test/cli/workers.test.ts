import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
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

/** A gateway of several workers before departments of its own. */
interface Supervised extends StartedProgram {
  supergraphFile: string;
  /** How often a department was asked for the person: once for each request. */
  asked(): number;
  /** Processes of its workers, by their numbers. */
  workers(): Promise<Map<number, number>>;
  /** Ends what is left of it. */
  close(): Promise<void>;
}

async function start(more: ConfigInput = {}): Promise<Supervised> {
  await using opened = new AsyncDisposableStack();
  let asked = 0;
  const served = serveFederation(
    counted(() => (asked += 1)),
    { graphiql: false },
  );
  const federation = opened.adopt(await served, (each) => each.close());
  const folder = opened.adopt(temporaryFolder(), (each) => each.close());
  const { supergraphFile } = federation;
  const settings: ConfigInput = { supergraph: supergraphFile, graphiql: false, operations: 'none' };
  const config: ConfigInput = { ...settings, cache: { enabled: false }, ...more };
  const program = await startGatewayProgram(folder.path, config, {}, ['--workers', String(WORKERS)]);
  // Told to stop, it would wait for connections that the client of a test has kept.
  opened.defer(() => program.kill());
  const things = opened.move();
  return {
    ...program,
    supergraphFile,
    asked: () => asked,
    workers: () => childrenOf(program.pid),
    close: () => things.disposeAsync(),
  };
}

/** Departments that tell when they are asked for a person. */
function counted(onAsked: () => void): typeof PEOPLE {
  const person = (_: unknown, { pid }: { pid: string }): object => {
    onAsked();
    return { pid, name: `name of ${pid}` };
  };
  return { ...PEOPLE, people: { ...PEOPLE['people']!, resolvers: { Query: { person } } } };
}

/** Asks over and over, while the supergraph has a number. */
function load({ url }: Supervised, number = 0): RequestLoop {
  const isRight = (body: unknown): boolean => isDeepStrictEqual(body, numberedAnswer(number));
  return keepRequesting({ url, query: NUMBERED_QUERY, isRight, atOnce: 8 });
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

describe('several workers', { timeout: 120_000 }, () => {
  let supervised: Supervised;
  /** Of the supergraph that is served. */
  let number = 0;

  beforeAll(async () => {
    // A client that does not run for as long as it is told loses a request, and on a loaded machine half a second is soon over.
    const http = { shutdownAnnounceMs: 3_000 };
    supervised = await start({ http, metrics: { besideGraph: true } });
  }, 120_000);
  afterAll(() => supervised.close());

  test('several processes answer at one address, each says which it is, and all follow the supergraph', async () => {
    const { supergraphFile, url, pid } = supervised;
    expect(new Set((await readyWorkers(url)).map(({ worker }) => worker))).toEqual(new Set([1, 2]));
    await vi.waitFor(async () => expect(await metricsOf(url)).toContain('worker="1"'), PATIENCE);
    await vi.waitFor(async () => expect(await metricsOf(url)).toContain('worker="2"'), PATIENCE);
    number = 1;
    const hash = await putNumber(supergraphFile, number);
    process.kill(pid, 'SIGHUP');
    await vi.waitFor(async () => {
      const states = await readyWorkers(url);
      expect(states.map(({ supergraph }) => supergraph)).toEqual([hash, hash]);
    }, PATIENCE);
  });

  test('a worker that is killed loses what it held and no more, and is there again', async () => {
    const loop = load(supervised, number);
    await loop.answeredMore(50);
    // One after the other, as it may be the other that has the connections.
    for (const [killed, other] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const before = await supervised.workers();
      const { lost } = loop.counts;
      process.kill(before.get(killed)!, 'SIGKILL');
      await loop.answeredMore(50);
      await vi.waitFor(async () => {
        const now = await supervised.workers();
        expect(now.get(killed)).toBeGreaterThan(0);
        expect(now.get(killed)).not.toBe(before.get(killed));
        expect(now.get(other)).toBe(before.get(other));
      }, PATIENCE);
      await readyWorkers(supervised.url);
      // One for each connection that it may have held.
      expect(loop.counts.lost - lost).toBeLessThanOrEqual(8);
    }
    const counts = await loop.end();
    console.log('Each worker killed:', counts);
    expect(counts).toMatchObject({ wrong: 0, refused: 0 });
  });

  test('SIGUSR2 under load starts every worker anew, and no request is lost', async () => {
    const before = await supervised.workers();
    expect(new Set(before.keys())).toEqual(new Set([1, 2]));
    const loop = load(supervised, number);
    await loop.answeredMore(50);
    process.kill(supervised.pid, 'SIGUSR2');
    await vi.waitFor(async () => {
      const now = await supervised.workers();
      expect(now.size).toBe(WORKERS);
      for (const pid of before.values()) expect([...now.values()]).not.toContain(pid);
    }, PATIENCE);
    await loop.answeredMore(50);
    const counts = await loop.end();
    console.log('Workers started anew:', counts);
    expect(counts).toMatchObject({ wrong: 0, refused: 0, lost: 0 });
  });

  test('SIGTERM under load lets every request end, and every process', async () => {
    const workers = [...(await supervised.workers()).values()];
    const askedBefore = supervised.asked();
    const loop = load(supervised, number);
    await loop.answeredMore(50);
    process.kill(supervised.pid, 'SIGTERM');
    expect(await supervised.exited).toEqual({ code: 0, signal: null });
    const counts = await loop.end();
    console.log('Workers told to stop:', counts);
    expect(counts.wrong).toBe(0);
    // A connection that the system takes at the moment in which the last worker ceases to listen is reset: no worker has seen it.
    expect(supervised.asked() - askedBefore).toBe(counts.answered);
    expect(counts.lost).toBeLessThanOrEqual(8);
    for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

test('workers write to one SQLite file, each a chain of its own, and what they wrote verifies', async () => {
  const place = await makePlace();
  onTestFinished(() => place.close());
  const supervised = await start({ audit: place.settings() });
  onTestFinished(() => supervised.close());
  await readyWorkers(supervised.url);
  const loop = load(supervised);
  await loop.answeredMore(100);
  const { answered, lost } = await loop.end();
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
