import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { isAnalysed, startFeeds, type AnalysisStats } from '../../network/feeds.ts';
import { startNetwork, type Network } from '../../network/network.ts';
import { subgraphNames, type PartName } from '../../network/parts.ts';

/** What it took to find something over the whole network. */
export interface GraphRun {
  found: Set<string>;
  /** Making the data and starting every program. */
  startMs: number;
  /** From the first page asked until the last row is in the department's tables. */
  feedMs: number;
  rulesMs: number;
  /** To all departments, and of these to social security's own system, which answers one unit a request. */
  requests: number;
  systemRequests: number;
  /** Most that the gateway and the analysis department had in memory. */
  gatewayMiB: number;
  analysisMiB: number;
}

/** Nothing takes longer: a hundred thousand enterprises are some minutes. */
const DEADLINE_MS = 3_600_000;
const LOOK_EVERY_MS = 500;
const PAGE = 500;

/** Brings a network of its own up with a city, has the analysis department fed by its dispatches, and takes what it finds. */
export async function findThroughGraph(city: { seed: number; enterprises: number }): Promise<GraphRun> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'switchyard-shells-'));
  const startedMs = performance.now();
  const settings = {
    ...{ ...city, dataFolder, gatewayPort: 0, all: false, freePorts: true, readyWithinMs: DEADLINE_MS },
    // Social security's own limit is for the demonstration: what is measured is the way, not the waiting.
    env: { REDIS_URL: '', SOCIAL_SECURITY_RATE: '1000000' },
  };
  try {
    const network = await startNetwork(settings, () => undefined, AbortSignal.timeout(DEADLINE_MS));
    try {
      return await measure(network, performance.now() - startedMs);
    } finally {
      await network.stop();
    }
  } finally {
    await rm(dataFolder, { recursive: true, force: true });
  }
}

async function measure(network: Network, startMs: number): Promise<GraphRun> {
  const before = await countRequests(network);
  await startFeeds(network);
  const { begunAt, endedAt } = await whenAnalysed(network);
  const after = await countRequests(network);
  const { first, last } = await dispatchTimes(network);
  return {
    found: await findingsOf(network),
    startMs,
    feedMs: Date.parse(last) - Date.parse(first),
    rulesMs: Date.parse(endedAt) - Date.parse(begunAt),
    requests: after.departments - before.departments,
    systemRequests: after.system - before.system,
    gatewayMiB: peakMiB(network, 'gateway'),
    analysisMiB: peakMiB(network, 'analysis'),
  };
}

async function whenAnalysed(network: Network): Promise<{ begunAt: string; endedAt: string }> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  for (;;) {
    const stats = await statsOf<AnalysisStats>(network, 'analysis');
    const { lastRun } = stats.analysis;
    if (lastRun && (await isAnalysed(network, stats))) return lastRun;
    await pause(LOOK_EVERY_MS, undefined, { signal: deadline });
  }
}

async function countRequests(network: Network): Promise<{ departments: number; system: number }> {
  const counts = await Promise.all(subgraphNames.map((name) => statsOf<{ requests: number }>(network, name)));
  const { requests: system } = await statsOf<{ requests: number }>(network, 'social-security-system');
  return { departments: counts.reduce((sum, { requests }) => sum + requests, 0), system };
}

async function statsOf<Stats>(network: Network, name: PartName): Promise<Stats> {
  const { body } = await request(new URL('/stats', network.program(name).url));
  return (await body.json()) as Stats;
}

async function dispatchTimes(network: Network): Promise<{ first: string; last: string }> {
  const query = '{ dispatches { ofDepartment { runs(first: 1) { beganAt endedAt } } } }';
  const { dispatches } = await ask<{
    dispatches: { ofDepartment: { runs: { beganAt: string; endedAt: string }[] }[] };
  }>(network, query);
  const runs = dispatches.ofDepartment.flatMap((dispatch) => dispatch.runs);
  const times = (name: 'beganAt' | 'endedAt'): string[] => runs.map((run) => run[name]).toSorted(byText);
  return { first: times('beganAt')[0]!, last: times('endedAt').at(-1)! };
}

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}

async function findingsOf(network: Network): Promise<Set<string>> {
  const query = `query ($after: ID) { findings(rule: "shell-companies", first: ${PAGE}, after: $after) {
    id subject { ... on Enterprise { uscc } }
  } }`;
  const found = new Set<string>();
  for (let after: string | undefined; ;) {
    const { findings } = await ask<{ findings: { id: string; subject: { uscc: string } }[] }>(network, query, {
      after,
    });
    for (const { subject } of findings) found.add(subject.uscc);
    if (findings.length < PAGE) return found;
    after = findings.at(-1)!.id;
  }
}

async function ask<Data>({ gatewayUrl, headers }: Network, query: string, variables: object = {}): Promise<Data> {
  const { body } = await request(gatewayUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers.analyst },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await body.json()) as { data: Data; errors?: unknown[] };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** The high-water mark of a program's resident memory. */
function peakMiB(network: Network, name: PartName): number {
  const status = readFileSync(`/proc/${network.program(name).pid()}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s*(\d+)/m.exec(status)![1]) / 1024);
}
