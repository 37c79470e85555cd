import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode, ResponsePath } from '@apollo/query-planner';
import { Kind, parse, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';
import { fieldsOf } from '../plan-path.ts';

/** A fetch where it stands in a plan. */
interface PlacedFetch {
  fetch: FetchNode;
  path: ResponsePath;
  /** The names of the fields on the path. */
  fields: readonly string[];
  /** What the plan has done before it. */
  before: readonly PlacedFetch[];
}

/**
 * Apollo's planner does not wait for the values of contextual arguments where they come from another department than the
 * object that sets the context, and the entity is reached through a third: it makes the two fetches side by side. Here a plan
 * in which that is so is put in another order, by what each fetch really needs of the others.
 */
export function inContextOrder(plan: QueryPlan): QueryPlan {
  const { node } = plan;
  if (!node || node.kind === 'Subscription' || node.kind === 'Defer') return plan;
  const fetches = placedFetches(node, [], []);
  if (!fetches?.some(({ fetch }) => fetch.contextRewrites?.length)) return plan;
  const providers = new Map(fetches.map((placed) => [placed, providersOf(placed, fetches)]));
  if (fetches.every((placed) => providers.get(placed)!.every((provider) => placed.before.includes(provider))))
    return plan;
  const levels = levelsOf(fetches, (placed) => [
    ...placed.before.filter((other) => isNeeded(other, placed)),
    ...providers.get(placed)!,
  ]);
  if (levels) plan.node = { kind: 'Sequence', nodes: levels.map(sideBySide) };
  return plan;
}

/** Undefined where something is not certain to be run. */
function placedFetches(
  node: PlanNode,
  path: ResponsePath,
  before: readonly PlacedFetch[],
): readonly PlacedFetch[] | undefined {
  switch (node.kind) {
    case 'Fetch': {
      return [{ fetch: node, path, fields: fieldsOf(path), before }];
    }
    case 'Flatten':
      return placedFetches(node.node, [...path, ...node.path], before);
    case 'Sequence':
    case 'Parallel': {
      const found: PlacedFetch[] = [];
      for (const child of node.nodes) {
        const more = placedFetches(child, path, node.kind === 'Sequence' ? [...before, ...found] : before);
        if (!more) return undefined;
        found.push(...more);
      }
      return found;
    }
    case 'Condition':
    case 'Defer':
      return undefined;
  }
}

/** The fetches that give the values of a fetch's contextual arguments. */
function providersOf({ fetch, fields }: PlacedFetch, fetches: readonly PlacedFetch[]): PlacedFetch[] {
  return (fetch.contextRewrites ?? []).flatMap(({ path }) => {
    const levels = path.filter((element) => element === '..').length;
    const inner = path.slice(levels).filter((element) => !element.startsWith('... on '));
    const wanted = [...fields.slice(0, fields.length - levels), ...inner];
    return fetches.filter((other) => other.fetch !== fetch && gives(other, wanted));
  });
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function gives({ fetch, fields }: PlacedFetch, wanted: readonly string[]): boolean {
  if (!startsWith(wanted, fields)) return false;
  const { definitions } = parse(fetch.operation, { noLocation: true });
  const fragments = definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
  const byName = new Map(fragments.map((each) => [each.name.value, each]));
  const below = wanted.slice(fields.length);
  const keys = fetch.requires ? ['_entities', ...below] : below;
  return definitions.some(
    (each) => each.kind === Kind.OPERATION_DEFINITION && selects(each.selectionSet, keys, byName),
  );
}

function selects({ selections }: SelectionSetNode, [key, ...rest]: readonly string[], fragments: Fragments): boolean {
  return selections.some((node) => {
    if (node.kind === Kind.FIELD)
      return (
        (node.alias ?? node.name).value === key &&
        (rest.length === 0 || (node.selectionSet !== undefined && selects(node.selectionSet, rest, fragments)))
      );
    const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
    return fragment !== undefined && key !== undefined && selects(fragment.selectionSet, [key, ...rest], fragments);
  });
}

/** Whether a fetch may need what one before it gives: the objects it is for, or what it requires of them. */
function isNeeded(before: PlacedFetch, { fields, fetch: { requires } }: PlacedFetch): boolean {
  if (startsWith(fields, before.fields)) return true;
  return startsWith(before.fields, fields) && reaches(requires ?? [], before.fields.slice(fields.length));
}

function reaches(requires: readonly QueryPlanSelectionNode[], [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  return requires.some((node) =>
    node.kind === 'InlineFragment'
      ? reaches(node.selections, [key, ...rest])
      : (node.alias ?? node.name) === key && reaches(node.selections ?? [], rest),
  );
}

function startsWith(fields: readonly string[], start: readonly string[]): boolean {
  return start.length <= fields.length && start.every((field, index) => field === fields[index]);
}

/** Fetches that can be made at the same time, in the order of what they need; undefined where they need each other. */
function levelsOf(
  fetches: readonly PlacedFetch[],
  neededBy: (placed: PlacedFetch) => readonly PlacedFetch[],
): PlacedFetch[][] | undefined {
  const levels: PlacedFetch[][] = [];
  const done = new Set<PlacedFetch>();
  while (done.size < fetches.length) {
    const next = fetches.filter((placed) => !done.has(placed) && neededBy(placed).every((other) => done.has(other)));
    if (next.length === 0) return undefined;
    levels.push(next);
    for (const placed of next) done.add(placed);
  }
  return levels;
}

function sideBySide(level: readonly PlacedFetch[]): PlanNode {
  const nodes = level.map(({ fetch, path }): PlanNode =>
    path.length > 0 ? { kind: 'Flatten', path, node: fetch } : fetch,
  );
  return nodes.length === 1 ? nodes[0]! : { kind: 'Parallel', nodes };
}
