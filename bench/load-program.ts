/** The load: asks one URL over many connections, each with one request under way. Told by messages what to do. */
import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import { findWorkload } from './workloads/catalogue.ts';
import { requestBody } from './workloads/workload.ts';

/** One turn under load. */
export interface LoadOrder {
  url: string;
  workload: string;
  connections: number;
  seconds: number;
  /** Number of the first request; requests of other numbers have other variables. */
  startAt: number;
  /** Length that every answer has to have. Left out where answers differ. */
  expectedBytes?: number;
}

/** What came of it. */
export interface LoadReport {
  requests: number;
  /** From the first request sent to the last answer read. */
  seconds: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers that were wrong, and what the first one was. */
  failures: number;
  firstFailure?: string;
}

interface Turn {
  order: LoadOrder;
  pool: Pool;
  path: string;
  body: (n: number) => string | Buffer;
  timesMs: number[];
  failures: string[];
}

async function run(order: LoadOrder): Promise<LoadReport> {
  const { origin, pathname } = new URL(order.url);
  const pool = new Pool(origin, { connections: order.connections });
  const turn: Turn = { order, pool, path: pathname, body: await bodies(order.workload), timesMs: [], failures: [] };
  let next = order.startAt;
  const startedAt = performance.now();
  const endsAt = startedAt + order.seconds * 1000;
  const connection = async (): Promise<void> => {
    while (performance.now() < endsAt) await ask(turn, next++);
  };
  await Promise.all(Array.from({ length: order.connections }, connection));
  const seconds = (performance.now() - startedAt) / 1000;
  await pool.close();
  const sorted = turn.timesMs.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const [firstFailure] = turn.failures;
  return {
    requests: sorted.length,
    seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    failures: turn.failures.length,
    ...(firstFailure === undefined ? {} : { firstFailure }),
  };
}

async function bodies(name: string): Promise<(n: number) => string | Buffer> {
  const workload = await findWorkload(name);
  const fixed = Buffer.from(requestBody(workload, 0));
  return workload.variables ? (n) => requestBody(workload, n) : () => fixed;
}

const headers = { 'content-type': 'application/json', accept: 'application/json' };

function ask({ order, pool, path, body, timesMs, failures }: Turn, n: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const sentAt = performance.now();
  let status = 0;
  let bytes = 0;
  let head = '';
  let hasErrors = false;
  const done = (failure?: string): void => {
    timesMs.push(performance.now() - sentAt);
    if (failure !== undefined) failures.push(failure);
    resolve();
  };
  const options = { method: 'POST', path, headers, body: body(n) } as const;
  pool.dispatch(options, {
    // By this one undici tells its present handlers from its old ones.
    onRequestStart: () => undefined,
    onResponseStart: (_controller, code) => void (status = code),
    onResponseData: (_controller, chunk) => {
      if (bytes === 0) head = chunk.toString('latin1', 0, 300);
      bytes += chunk.length;
      hasErrors ||= order.expectedBytes === undefined && chunk.includes('"errors"');
    },
    onResponseEnd: () => {
      const isRight = status === 200 && !hasErrors && bytes === (order.expectedBytes ?? bytes);
      done(isRight ? undefined : `HTTP ${status}, ${bytes} bytes: ${head}`);
    },
    onResponseError: (_controller, error) => done(error.message),
  });
  return promise;
}

process.on('disconnect', () => process.exit(0));
process.on('message', (order: LoadOrder) => void run(order).then((report) => process.send!(report)));
