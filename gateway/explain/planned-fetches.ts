import type { FetchNode, PlanNode, QueryPlan, ResponsePath } from '@apollo/query-planner';
import { fetchTemplate } from '../execute/fetch-template.ts';
import type { FetchTemplate } from '../execute/fetcher.ts';

/** A fetch of a plan. */
export interface PlannedFetch {
  /** Its place among the plan's fetches; a program numbers them alike. */
  number: number;
  node: FetchNode;
  /** Where the objects it is for stand in the merged data, as the plan says it (see `pathSteps`); empty at the root. */
  path: ResponsePath;
  /** What its requests are made from, whoever runs the plan. */
  template: FetchTemplate;
}

/**
 * The fetches of a plan, in its order.
 * @param variables values of the variables in the plan's conditions
 */
export function listFetches({ node }: QueryPlan, variables: Readonly<Record<string, unknown>>): PlannedFetch[] {
  const fetches: PlannedFetch[] = [];
  const visit = (child: PlanNode | undefined, path: ResponsePath): void => {
    switch (child?.kind) {
      case 'Sequence':
      case 'Parallel':
        return child.nodes.forEach((each) => visit(each, path));
      case 'Flatten':
        return visit(child.node, [...path, ...child.path]);
      case 'Condition':
        return visit(variables[child.condition] === true ? child.ifClause : child.elseClause, path);
      case 'Fetch':
        fetches.push({ number: fetches.length, node: child, path, template: fetchTemplate(child, path) });
        return;
      case 'Defer':
      case undefined:
    }
  };
  // Nothing with subscriptions or deferred parts is run.
  if (node?.kind !== 'Subscription') visit(node, []);
  return fetches;
}

/**
 * The fetch that a request was made for. Contextual arguments make a text of their own of a fetch that has none of some of
 * them; it is known by its place then.
 */
export function findFetch(fetches: readonly PlannedFetch[], template: FetchTemplate): PlannedFetch | undefined {
  return (
    fetches.find((fetch) => fetch.template === template) ??
    fetches.find(
      ({ node, path, template: { service } }) =>
        node.contextRewrites && service === template.service && path.join() === template.path.join(),
    )
  );
}
