import type { FetchDataRewrite, FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql';
import { translateConditions } from './contexts.ts';
import { inContextOrder } from './context-order.ts';
import { guardFetch } from '../guards.ts';
import { writePaths } from '../plan-path.ts';
import type { PlannerSupergraph } from './planner-supergraph.ts';
import type { StandIns } from './required-arguments.ts';

type Translation = Pick<PlannerSupergraph, 'standIns' | 'departments' | 'guards'>;

/** Translates a plan for the planner's supergraph back to one for the departments, in place. */
export function translatePlan(plan: QueryPlan, translation: Translation): QueryPlan {
  if (plan.node) eachFetch(plan.node, (fetch) => translateFetch(fetch, translation));
  return inContextOrder(writePaths(plan));
}

/** Visits each fetch of a plan. */
export function eachFetch(
  node: NonNullable<QueryPlan['node']> | PlanNode,
  visitFetch: (fetch: FetchNode) => void,
): void {
  switch (node.kind) {
    case 'Fetch':
      return visitFetch(node);
    case 'Sequence':
    case 'Parallel':
      return node.nodes.forEach((child) => eachFetch(child, visitFetch));
    case 'Flatten':
      return eachFetch(node.node, visitFetch);
    case 'Condition':
      return [node.ifClause, node.elseClause].forEach((child) => child && eachFetch(child, visitFetch));
    case 'Subscription':
      return [node.primary, node.rest].forEach((child) => child && eachFetch(child, visitFetch));
    case 'Defer':
      return [node.primary.node, ...node.deferred.map((part) => part.node)].forEach(
        (child) => child && eachFetch(child, visitFetch),
      );
  }
}

function translateFetch(fetch: FetchNode, { standIns, departments, guards }: Translation): void {
  translateConditions(fetch);
  const guarded = guards.get(fetch.serviceName);
  if (guarded && fetch.requires) guardFetch(fetch, guarded);
  fetch.serviceName = departments.get(fetch.serviceName) ?? fetch.serviceName;
  if (standIns.size === 0) return;
  fetch.operation = translateOperation(fetch.operation, standIns);
  const renamed = fetch.requires ? standInRenamers(fetch.requires, standIns, []) : [];
  if (renamed.length > 0) fetch.inputRewrites = [...(fetch.inputRewrites ?? []), ...renamed];
}

/** Stand-ins become what they stand for, under their own name. */
function translateOperation(text: string, standIns: StandIns): string {
  const document = parse(text, { noLocation: true });
  const translated = visit(document, {
    Field(node) {
      const standIn = standIns.get(node.name.value);
      if (!standIn) return undefined;
      const name = { kind: Kind.NAME, value: standIn.name } as const;
      return { ...node, name, alias: node.alias ?? node.name, arguments: standIn.arguments };
    },
  });
  return translated === document ? text : stripIgnoredCharacters(print(translated));
}

/** The department is handed what it requires under the name it knows it by. */
function standInRenamers(
  requires: readonly QueryPlanSelectionNode[],
  standIns: StandIns,
  path: readonly string[],
): FetchDataRewrite[] {
  return requires.flatMap((node): FetchDataRewrite[] => {
    if (node.kind === 'InlineFragment') {
      const inner = node.typeCondition ? [...path, `... on ${node.typeCondition}`] : path;
      return standInRenamers(node.selections, standIns, inner);
    }
    const at = [...path, node.alias ?? node.name];
    const below = node.selections ? standInRenamers(node.selections, standIns, at) : [];
    const standIn = standIns.get(node.name);
    return standIn ? [...below, { kind: 'KeyRenamer', path: at, renameKeyTo: standIn.name }] : below;
  });
}
