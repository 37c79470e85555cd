import { distinct } from './distinct.ts';
import { growthByName } from './growth.ts';
import { heavy } from './heavy.ts';
import { small } from './small.ts';
import { wide } from './wide.ts';
import type { Workload } from './workload.ts';

/** The four workloads, in the order they are run. */
export const WORKLOADS: readonly Workload[] = [heavy, distinct, wide, small];

/** The workload of this name: one of {@link WORKLOADS}, or one of the growth chart's sizes. */
export function findWorkload(name: string): Workload {
  const workload = WORKLOADS.find((candidate) => candidate.name === name) ?? growthByName(name);
  if (workload) return workload;
  throw new Error(`There is no workload "${name}"; there are ${WORKLOADS.map((known) => known.name).join(', ')}.`);
}
