/**
 * What a record costs: `node test/audit/cost-program.ts [sqlite | postgres] [records] [writers] [per second]`. PostgreSQL is a server of its own that
 * waits for the disk. Prints microseconds of CPU a record, on the gateway's thread and on all of this process's, and how long a write
 * takes until it is durable.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openTrail, type Trail } from '../../gateway/audit/trail.ts';
import { resolveConfig } from '../../gateway/config/config.ts';
import { postgresProgram } from '../../network/postgres-program.ts';
import { startProgram } from '../../network/process.ts';
import { someEntry } from './entries.ts';

const [kind = 'sqlite', records = '50000', writers = '50', rate] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), 'switchyard-cost-'));
const server =
  kind === 'postgres'
    ? await startProgram(
        postgresProgram({ folder: path.join(folder, 'postgres'), port: 0, logs: folder, durable: true }),
      )
    : undefined;
const trail = await openTrail(
  {
    ...resolveConfig({}, {}).audit,
    store: server?.url ?? path.join(folder, 'trail.db'),
    keyFile: path.join(folder, 'key.pem'),
    secretFile: path.join(folder, 'secret'),
    maxDelayMs: 10_000,
  },
  (problem) => console.error(problem),
);
await run(trail, Number(records) / 5);
console.log({ kind, writers: Number(writers), ...(await run(trail, Number(records))) });
await trail.close();
await server?.stop();
rmSync(folder, { recursive: true, force: true });

/** An entry as of a request that asked five departments. */
function entry(): Parameters<Trail['write']>[0] {
  const [fetch] = someEntry().fetches;
  const fetches = ['market', 'tax', 'power', 'social', 'identity'].map((department) => ({ ...fetch!, department }));
  return someEntry({ fetches, fields: ['Enterprise.name', 'Enterprise.status', 'TaxPayer.arrears', 'Customer.kwh'] });
}

async function run(target: Trail, count: number): Promise<Record<string, number>> {
  const tookMs: number[] = [];
  const alone = measureCpu(() => {
    for (let made = 0; made < 20_000; made += 1) entry();
  });
  const entryUs = (await alone).thread / 20_000;
  let started = 0;
  const startedAtMs = performance.now();
  const write = async (): Promise<void> => {
    while (started < count) {
      started += 1;
      const dueMs = rate === undefined ? 0 : startedAtMs + (started * 1_000) / Number(rate) - performance.now();
      if (dueMs > 0) await setTimeout(dueMs);
      const subjects = [`Enterprise:${started % 5_000}`, `Person:${started % 10_000}`];
      const began = performance.now();
      await target.write(entry(), subjects);
      tookMs.push(performance.now() - began);
    }
  };
  const began = performance.now();
  const cpu = await measureCpu(() => Promise.all(Array.from({ length: Number(writers) }, write)));
  const seconds = (performance.now() - began) / 1_000;
  tookMs.sort((a, b) => a - b);
  return {
    perSecond: Math.round(count / seconds),
    mainThreadUs: round(cpu.thread / count - entryUs),
    allThreadsUs: round(cpu.all / count - entryUs),
    p50Ms: round(tookMs[Math.floor(count * 0.5)]!),
    p99Ms: round(tookMs[Math.floor(count * 0.99)]!),
  };
}

async function measureCpu(work: () => unknown): Promise<{ thread: number; all: number }> {
  const [thread, all] = [process.threadCpuUsage(), process.cpuUsage()];
  await work();
  const [threadAfter, allAfter] = [process.threadCpuUsage(thread), process.cpuUsage(all)];
  return { thread: threadAfter.user + threadAfter.system, all: allAfter.user + allAfter.system };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
