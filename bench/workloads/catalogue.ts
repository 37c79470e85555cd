import { distinct } from './distinct.ts';
import { growthByName } from './growth.ts';
import { heavy } from './heavy.ts';
import { small } from './small.ts';
import { wide } from './wide.ts';
import type { Workload } from './workload.ts';

/** The four workloads, in the order they are run. */
export const WORKLOADS: readonly Workload[] = [heavy, distinct, wide, small];

/** Workloads that are run where they are named; nobody else waits for what they read. */
const MORE_WORKLOADS: ReadonlyMap<string, () => Promise<Workload>> = new Map([
  ['economies', async () => (await import('./economies.ts')).economies()],
]);

/** The workload of this name: one of {@link WORKLOADS}, one that takes long to make, or one of the growth chart's sizes. */
export async function findWorkload(name: string): Promise<Workload> {
  const usual = WORKLOADS.find((candidate) => candidate.name === name);
  const workload = usual ?? (await MORE_WORKLOADS.get(name)?.()) ?? growthByName(name);
  if (workload) return workload;
  throw new Error(`There is no workload "${name}"; there are ${workloadNames().join(', ')}.`);
}

/** What {@link findWorkload} finds by a name of its own. */
export function workloadNames(): string[] {
  return [...WORKLOADS.map(({ name }) => name), ...MORE_WORKLOADS.keys()];
}
