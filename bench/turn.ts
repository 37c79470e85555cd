import path from 'node:path';
import { nextMessage, startNode, type Child } from './child.ts';
import type { Federation } from './federation/federation.ts';
import type { LoadOrder, LoadReport } from './load-program.ts';
import { cpuMs } from './machine.ts';
import type { Runner } from './runner.ts';

/** What one turn under load showed. */
export interface Sample {
  cpuMsPerRequest: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  subgraphRequestsPerRequest: number;
}

/** The load generator, in a process of its own. */
export interface Load {
  run(order: LoadOrder): Promise<LoadReport>;
  stop(): Promise<void>;
}

/** Starts the load generator. */
export function startLoad(): Load {
  const child: Child = startNode('rest', [path.join(import.meta.dirname, 'load-program.ts')]);
  return {
    run(order) {
      child.process.send(order);
      return nextMessage<LoadReport>(child);
    },
    stop: () => child.stop(),
  };
}

/** How long a turn takes, over how many connections, and from which request number on. */
export interface TurnSettings {
  seconds: number;
  connections: number;
  startAt: number;
}

/**
 * Puts one runner under load.
 * @throws Error where any answer was wrong
 */
export async function takeTurn(
  { load, federation }: { load: Load; federation: Federation },
  runner: Runner,
  settings: TurnSettings,
): Promise<Sample> {
  const { workload, url, child, expectedBytes } = runner;
  const cpuBefore = cpuMs(child.pid);
  const countBefore = await federation.countRequests();
  const order = {
    url,
    workload: workload.name,
    ...settings,
    ...(expectedBytes === undefined ? {} : { expectedBytes }),
  };
  const report = await load.run(order);
  const { requests, seconds, p50Ms, p99Ms, failures, firstFailure } = report;
  if (failures > 0)
    throw new Error(
      `${runner.contestant.name} gave ${failures} wrong answers of ${requests} under load on ${workload.name}; the first: ${firstFailure}`,
    );
  const usedMs = cpuMs(child.pid) - cpuBefore;
  const subgraphRequests = (await federation.countRequests()) - countBefore;
  return {
    cpuMsPerRequest: usedMs / requests,
    requestsPerSecond: requests / seconds,
    p50Ms,
    p99Ms,
    subgraphRequestsPerRequest: subgraphRequests / requests,
  };
}
