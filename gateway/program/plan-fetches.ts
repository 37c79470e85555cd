import type { FetchNode, PlanNode, ResponsePath } from '@apollo/query-planner';
import { compileVariables, fetchTemplate } from '../execute/fetch-template.ts';
import type { FetchTemplate } from '../execute/fetcher.ts';
import type { WholePlan } from '../plan/faults/dropped-members.ts';
import type { GuardedFetchNode } from '../plan/guards.ts';
import { NotCompilable } from './not-compilable.ts';

/** A fetch of a plan, with where it is made for. */
export interface PlannedFetch {
  id: number;
  node: FetchNode;
  path: ResponsePath;
  /** Fetches with one number ask the same of the same subgraph: what one of them fetched, no other fetches again. */
  group: number;
  /** Fetches with one number begin together, with the same objects and what they hand in of them. */
  batch: number;
  template: FetchTemplate;
  variablesText: ReturnType<typeof compileVariables>;
}

/** A plan with its conditions decided and its fetches numbered. */
export type PlanTree =
  | { kind: 'sequence'; steps: PlanTree[] }
  | { kind: 'parallel'; steps: PlanTree[] }
  | { kind: 'fetch'; fetch: PlannedFetch };

/**
 * Numbers a plan's fetches in order and decides its conditions.
 * @param shareResults whether equal fetches may share; not in mutations, where a later one may have to see what changed
 */
export function planFetches(
  plan: WholePlan,
  variables: Readonly<Record<string, unknown>>,
  shareResults: boolean,
): { tree: PlanTree; fetches: PlannedFetch[] } {
  const numbering: Numbering = { fetches: [], groups: new Map(), shareResults };
  const visit = (node: PlanNode, path: ResponsePath): PlanTree => {
    switch (node.kind) {
      case 'Sequence':
        return { kind: 'sequence', steps: node.nodes.map((child) => visit(child, path)) };
      case 'Parallel': {
        const steps = node.nodes.map((child) => visit(child, path));
        joinBatches(steps.flatMap(firstFetch));
        return { kind: 'parallel', steps };
      }
      case 'Flatten':
        return visit(node.node, [...path, ...node.path]);
      case 'Condition': {
        const chosen = variables[node.condition] === true ? node.ifClause : node.elseClause;
        return chosen ? visit(chosen, path) : { kind: 'sequence', steps: [] };
      }
      case 'Fetch':
        return { kind: 'fetch', fetch: numberFetch(node, path, numbering) };
      case 'Defer':
        throw new NotCompilable('deferred parts');
    }
  };
  if (plan.unsupplied) throw new NotCompilable('a field that no department can be asked for');
  if (!plan.node || plan.node.kind === 'Subscription') throw new NotCompilable('nothing to fetch');
  return { tree: visit(plan.node, []), fetches: numbering.fetches };
}

/** Fetches as they are numbered, and the groups by what they ask. */
interface Numbering {
  fetches: PlannedFetch[];
  groups: Map<string, number>;
  shareResults: boolean;
}

function numberFetch(node: FetchNode, path: ResponsePath, { fetches, groups, shareResults }: Numbering): PlannedFetch {
  if (node.outputRewrites?.length || node.contextRewrites?.length)
    throw new NotCompilable('a fetch with rewrites of its answer');
  if ((node as GuardedFetchNode).guard) throw new NotCompilable('a fetch that depends on each record');
  if (!node.requires && path.length > 0) throw new NotCompilable('a root fetch below the root');
  const id = fetches.length;
  const key = shareResults && node.requires ? groupKey(node) : String(id);
  const group = groups.get(key) ?? id;
  groups.set(key, group);
  const template = fetchTemplate(node, path);
  const fetch = { id, node, path, group, batch: id, template, variablesText: compileVariables(node) };
  fetches.push(fetch);
  return fetch;
}

/** The fetch that a step begins with, unless it begins with several. */
function firstFetch(step: PlanTree): PlannedFetch | [] {
  if (step.kind === 'fetch') return step.fetch;
  const [first] = step.kind === 'sequence' ? step.steps : [];
  return first ? firstFetch(first) : [];
}

/** Fetches that begin together find the same at one path; any later one may find more. */
function joinBatches(fetches: readonly PlannedFetch[]): void {
  const known = new Map<string, number>();
  for (const fetch of fetches) {
    const { requires, inputRewrites } = fetch.node;
    if (!requires) continue;
    const key = JSON.stringify([fetch.path, requires, inputRewrites ?? []]);
    fetch.batch = known.get(key) ?? fetch.batch;
    known.set(key, fetch.batch);
  }
}

/** Operation names tell the subgraph's own telemetry apart, not what is asked. */
function groupKey({ serviceName, operation, operationName, requires, inputRewrites }: FetchNode): string {
  const text = operationName ? operation.replace(operationName, '') : operation;
  return JSON.stringify([serviceName, text, requires, inputRewrites ?? []]);
}
