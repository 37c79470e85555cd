/** `npm run reloads` reloads a hundred times, once a second. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../kit/department.ts';
import { startGatewayProgram } from '../kit/gateway-program.ts';
import { INSPECTED, liveHeapBytes } from '../kit/live-heap.ts';
import { keepRequesting } from '../kit/request-loop.ts';
import { serveFederation } from '../kit/served-federation.ts';
import { NUMBERED_QUERY, numberedAnswer, numberIn, PEOPLE, putNumber } from './numbered-supergraphs.ts';

const LONG = process.env['SWITCHYARD_RELOADS'];
const RELOADS = Number(LONG ?? 3);
const EVERY_MS = LONG === undefined ? 0 : 1_000;
/** Until then a gateway grows as it is used for the first time. */
const SETTLED_AFTER = 20;
/** How much more that is alive than then is taken for none: what requests under way hold differs by so much. */
const SLACK = 1.05;
const PATIENCE = { timeout: 60_000, interval: 10 };

interface Use {
  /** What is alive. */
  heapMb: number;
  /** With what was collected and not given back, which goes up and down by itself: it is told, and decides nothing. */
  residentMb: number;
  threads: number;
}

/** @param logFile the gateway's */
async function useOf(pid: number, logFile: string): Promise<Use> {
  const heapBytes = await liveHeapBytes(logFile);
  const [status, threads] = await Promise.all([readFile(`/proc/${pid}/status`, 'utf8'), readdir(`/proc/${pid}/task`)]);
  const residentMb = Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024);
  return { heapMb: Math.round(heapBytes / 104_857.6) / 10, residentMb, threads: threads.length };
}

interface Ready {
  supergraph: string;
  following: { upToDate: boolean; retiring: number };
}

test(
  `${RELOADS} reloads of a gateway under load: no request fails, and nothing is left of the supergraphs before`,
  { timeout: 120_000 + RELOADS * (EVERY_MS + 5_000) },
  async () => {
    const federation = await serveFederation(PEOPLE, { graphiql: false });
    onTestFinished(() => federation.close());
    const folder = temporaryFolder();
    onTestFinished(() => folder.close());
    const { supergraphFile } = federation;
    const reload = { lookEveryMs: 3_600_000 };
    const config = { supergraph: supergraphFile, graphiql: false, operations: 'none', reload };
    const gateway = await startGatewayProgram(folder.path, config, INSPECTED);
    onTestFinished(() => gateway.stop());
    const logFile = folder.file((await readdir(folder.path)).find((name) => name.endsWith('.log'))!);
    const readiness = async (): Promise<Ready> => (await (await fetch(new URL('/ready', gateway.url))).json()) as Ready;
    const settled = async (): Promise<Use> => {
      await vi.waitFor(async () => expect(await readiness()).toMatchObject({ following: { retiring: 0 } }), PATIENCE);
      return useOf(gateway.pid, logFile);
    };
    const isRight = (body: unknown): boolean => {
      const answer = body as Parameters<typeof numberIn>[0];
      return JSON.stringify(answer) === JSON.stringify(numberedAnswer(numberIn(answer)));
    };
    const load = keepRequesting({ url: gateway.url, query: NUMBERED_QUERY, isRight, atOnce: 4 });
    await load.answeredMore(20);
    const uses: Record<number, Use> = { 0: await settled() };
    let nextAtMs = performance.now();
    for (let number = 1; number <= RELOADS; number += 1) {
      nextAtMs = Math.max(nextAtMs + EVERY_MS, performance.now());
      const hash = await putNumber(supergraphFile, number);
      process.kill(gateway.pid, 'SIGHUP');
      await vi.waitFor(async () => expect((await readiness()).supergraph).toBe(hash), PATIENCE);
      if (number % 10 === 0 || number === RELOADS) uses[number] = await settled();
      if (EVERY_MS > 0) await pause(Math.max(0, nextAtMs - performance.now()));
    }
    await load.answeredMore(20);
    const counts = await load.end();
    const [first, last] = [uses[0]!, await settled()];
    console.log(`${RELOADS} reloads:`, counts, uses);
    expect(counts).toMatchObject({ wrong: 0, refused: 0, lost: 0 });
    expect(last.threads).toBe(first.threads);
    const settledUse = uses[SETTLED_AFTER];
    if (settledUse) expect(last.heapMb).toBeLessThanOrEqual(settledUse.heapMb * SLACK);
  },
);
