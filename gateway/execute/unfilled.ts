import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { isDataObject, readOwn, type DataObject } from './data.ts';
import type { SubgraphError } from './response.ts';

/**
 * Fields of objects of the data, by data key, that a fetch was to give or to lead on from and did not, because of a failure that
 * is reported. A field that may not be null and fails takes everything with it up to the next that may be, so that what the same
 * department was to give elsewhere below is missing for the same reason.
 */
export type Unfilled = WeakMap<object, Set<string>>;

/** What a department gave for an object, and what it was to give. */
export interface Filling {
  /** The object of the data, with what was given already merged into it. */
  object: DataObject;
  given: unknown;
  /** Paths of the errors about it, from the object on. */
  paths: readonly (readonly (string | number)[])[];
  /** Data keys of the fields it was asked for. */
  keys: readonly string[];
}

/** Notes that fields of an object were not given. */
export function addUnfilled(unfilled: Unfilled, object: DataObject, keys: readonly string[]): void {
  const known = unfilled.get(object);
  if (known) for (const key of keys) known.add(key);
  else unfilled.set(object, new Set(keys));
}

/** Notes what errors have made null in what was given for an object. */
export function noteUnfilled(unfilled: Unfilled, { object, given, paths, keys }: Filling): void {
  if (paths.length === 0) return;
  if (isDataObject(given)) for (const path of paths) noteNull(unfilled, { object, given }, path);
  else addUnfilled(unfilled, object, keys);
}

/** The items of a list are not told apart: another department may be yet to give them. */
function noteNull(
  unfilled: Unfilled,
  { object, given }: Pick<Filling, 'object' | 'given'>,
  path: Filling['paths'][0],
): void {
  let holder = object;
  let key = '';
  let [merged, value]: [unknown, unknown] = [object, given];
  for (const element of path) {
    if (typeof element === 'string' && isDataObject(merged)) [holder, key] = [merged, element];
    [merged, value] = [member(merged, element), member(value, element)];
    if (value === null || value === undefined) return addUnfilled(unfilled, holder, [key]);
  }
}

function member(value: unknown, element: string | number): unknown {
  if (Array.isArray(value)) return value[Number(element)];
  return isDataObject(value) ? readOwn(value, String(element)) : undefined;
}

/** Notes what errors have made null in the entities of an answer. @param indexOf which entity is an object's */
export function noteUnfilledEntities(
  unfilled: Unfilled,
  indexOf: ReadonlyMap<DataObject, number>,
  {
    entities,
    errors,
    keys,
  }: { entities: readonly unknown[]; errors: readonly SubgraphError[]; keys: readonly string[] },
): void {
  if (errors.length === 0) return;
  const byIndex = new Map<number | undefined, (readonly (string | number)[])[]>();
  for (const { path: [root, index, ...rest] = [] } of errors) {
    const at = root === '_entities' && typeof index === 'number' ? index : undefined;
    byIndex.set(at, [...(byIndex.get(at) ?? []), rest]);
  }
  const general = byIndex.has(undefined) ? [[]] : [];
  for (const [object, index] of indexOf) {
    const paths = [...(byIndex.get(index) ?? []), ...general];
    noteUnfilled(unfilled, { object, given: entities[index], paths, keys });
  }
}

/** Whether anything that is required of an object is missing for a reason that is reported. */
export function requiresUnfilled(
  value: unknown,
  requires: readonly QueryPlanSelectionNode[],
  unfilled: Unfilled,
): boolean {
  if (Array.isArray(value)) return value.some((item) => requiresUnfilled(item, requires, unfilled));
  if (!isDataObject(value)) return false;
  return requires.some((node) => {
    if (node.kind === 'InlineFragment') return requiresUnfilled(value, node.selections, unfilled);
    const key = node.alias ?? node.name;
    if (unfilled.get(value)?.has(key)) return true;
    return node.selections !== undefined && requiresUnfilled(readOwn(value, key), node.selections, unfilled);
  });
}
