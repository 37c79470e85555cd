import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { table } from '../gateway/cli/table.ts';
import { resolveConfig } from '../gateway/config/config.ts';
import { openSigner } from '../gateway/keys/signer.ts';
import { createLog } from '../gateway/observe/log.ts';
import { signSupergraph } from '../gateway/registry/signed-supergraph.ts';
import { openVersionStore } from '../gateway/registry/sql-store.ts';
import { startRegistry } from '../gateway/start-registry.ts';
import { openDatabase } from '../gateway/sql/open-database.ts';
import { composeSubgraphs } from '../gateway/supergraph/compose.ts';
import type { Panel } from './chart.ts';
import type { OnProgress } from './compare.ts';
import { departmentSdl } from './registry-departments.ts';
import { digits } from './report.ts';
import { median } from './statistics.ts';

/** What a check takes, in seconds, where there are so many departments. */
export interface CheckTimes {
  departments: number;
  /** The first one, sent as soon as the registry answers. */
  first: number;
  /** One of another change after that: the median of some. */
  next: number;
  /** CPU of such a one, of which most is composition. */
  nextCpu: number;
  /** The same again, as a publish after its check is. */
  again: number;
}

const SIZES = [10, 36, 100, 200, 300] as const;
const CHANGES = 3;
/** The department that changes. */
const CHANGED = 3;
const KEY = 'bench';

/** Times checks of a field that is added, over HTTP, by a registry with so many departments. */
export async function measureChecks(onProgress: OnProgress): Promise<CheckTimes[]> {
  const rows: CheckTimes[] = [];
  for (const departments of SIZES) {
    onProgress(`checks with ${departments} departments`);
    rows.push(await inFolder((folder) => measureSize(folder, departments)));
  }
  return rows;
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-bench-registry-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measureSize(folder: string, departments: number): Promise<CheckTimes> {
  const files = { store: path.join(folder, 'registry.db'), keyFile: path.join(folder, 'key.pem') };
  await fill(files, departments);
  const sha256 = createHash('sha256').update(KEY).digest('hex');
  const identity = { apiKeys: [{ name: 'bench', department: `department${CHANGED}`, sha256 }] };
  const config = resolveConfig({ identity, registry: { ...files, port: 0 } }, {});
  const registry = await startRegistry(config, createLog({ write: () => {} }));
  try {
    const first = await timeCheck(registry.url, 'added0: Int');
    const next: Timing[] = [];
    for (let number = 1; number <= CHANGES; number += 1)
      next.push(await timeCheck(registry.url, `added${number}: Int`));
    const again = await timeCheck(registry.url, `added${CHANGES}: Int`);
    return {
      departments,
      first: first.seconds,
      next: median(next.map(({ seconds }) => seconds)),
      nextCpu: median(next.map(({ cpuSeconds }) => cpuSeconds)),
      again: again.seconds,
    };
  } finally {
    await registry.close();
  }
}

interface Timing {
  seconds: number;
  cpuSeconds: number;
}

async function timeCheck(url: string, added: string): Promise<Timing> {
  const name = nameOf(CHANGED);
  const sdl = departmentSdl(CHANGED, added);
  const change = { kind: 'publish', name, sdl, routingUrl: urlOf(name), origin: `${name}.graphql` };
  const cpuBefore = process.cpuUsage();
  const beganMs = performance.now();
  const response = await fetch(`${url}/checks`, {
    method: 'POST',
    headers: { 'x-api-key': KEY, 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });
  const report = (await response.json()) as { ok?: boolean; changes?: { path: string }[] };
  const seconds = (performance.now() - beganMs) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  if (!report.ok || report.changes?.length !== 1) throw new Error(`A check went wrong: ${JSON.stringify(report)}`);
  return { seconds, cpuSeconds: (user + system) / 1_000_000 };
}

/** Puts the departments where a registry keeps them, as if each had been published once. */
async function fill({ store, keyFile }: { store: string; keyFile: string }, departments: number): Promise<void> {
  const at = new Date().toISOString();
  const subgraphs = Array.from({ length: departments }, (_, number) => {
    const name = nameOf(number);
    const origin = `${name}.graphql`;
    return { name, owner: name, routingUrl: urlOf(name), origin, publishedIn: number + 1, sdl: departmentSdl(number) };
  });
  const composed = composeSubgraphs(subgraphs);
  if (!composed.ok) throw new Error(composed.problems[0]!.message);
  const signer = await openSigner(keyFile);
  const options = { timeoutMs: 5_000, applicationName: 'bench', isDurable: false };
  const versions = await openVersionStore(await openDatabase(store, options));
  const parts = subgraphs.map(({ sdl: _sdl, ...each }) => each);
  for (const [index, { sdl, name }] of subgraphs.entries()) {
    const number = index + 1;
    // Only the newest is asked for.
    const supergraph = number === departments ? composed.sdl : '';
    const statement = signSupergraph({ number, at, supergraph }, [], signer);
    const head = { number, kind: 'publish', subgraph: name, at, by: name, subgraphs: parts.slice(0, number) } as const;
    await versions.add({ ...head, sdl, supergraph, statement });
  }
  await versions.close();
}

function nameOf(number: number): string {
  return `department${number}`;
}

function urlOf(name: string): string {
  return `http://${name}.city.example/graphql`;
}

/** A table of what checks take. */
export function printChecks(rows: readonly CheckTimes[]): string {
  const header = ['departments', 'first, s', 'next, s', 'CPU of that, s', 'same again, s'];
  const cells = rows.map(({ departments, ...seconds }) => [String(departments), ...Object.values(seconds).map(digits)]);
  return table([header, ...cells], new Set(header.keys())).join('\n');
}

/** The same as a picture. */
export function checkPanel(rows: readonly CheckTimes[]): Panel {
  const series = (label: string, side: 'first' | 'next' | 'again'): Panel['series'][number] => {
    return { label, points: rows.map((row) => ({ x: row.departments, y: row[side] })) };
  };
  return {
    title: 'a check of one added field',
    xLabel: 'departments',
    yLabel: 'seconds',
    series: [series('first', 'first'), series('another change', 'next'), series('the same again', 'again')],
  };
}
