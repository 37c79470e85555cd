import { distinct } from './distinct.ts';
import { economies } from './economies.ts';
import { growthByName } from './growth.ts';
import { heavy } from './heavy.ts';
import { small } from './small.ts';
import { wide } from './wide.ts';
import type { Workload } from './workload.ts';

/** The four workloads, in the order they are run. */
export const WORKLOADS: readonly Workload[] = [heavy, distinct, wide, small];

/** Workloads that are run where they are named: they take long to make. */
const MORE_WORKLOADS: ReadonlyMap<string, () => Workload> = new Map([['economies', economies]]);

/** The workload of this name: one of {@link WORKLOADS}, one that takes long to make, or one of the growth chart's sizes. */
export function findWorkload(name: string): Workload {
  const workload =
    WORKLOADS.find((candidate) => candidate.name === name) ?? MORE_WORKLOADS.get(name)?.() ?? growthByName(name);
  if (workload) return workload;
  throw new Error(`There is no workload "${name}"; there are ${workloadNames().join(', ')}.`);
}

/** What {@link findWorkload} finds by a name of its own. */
export function workloadNames(): string[] {
  return [...WORKLOADS.map(({ name }) => name), ...MORE_WORKLOADS.keys()];
}
