import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { isDataObject, readOwn, type DataObject } from './data.ts';
import type { SubgraphError } from './response.ts';

/**
 * Notes the objects that a fetch was to fill and gave nothing of, where its errors say why. One field that may not be null and
 * fails takes the whole entity with it in the department's answer, so that what the same fetch was to give elsewhere below
 * the object is missing for the same reason.
 *
 * @param indexOf which entity is an object's
 * @param entities as the department gave them; undefined where it gave none
 */
export function noteUnfilled(
  unfilled: WeakSet<object>,
  indexOf: ReadonlyMap<DataObject, number>,
  entities: readonly unknown[] | undefined,
  errors: readonly SubgraphError[],
): void {
  if (errors.length === 0) return;
  const failed = new Set(errors.map(({ path: [root, index] = [] }) => (root === '_entities' ? index : undefined)));
  for (const [object, index] of indexOf) {
    const isGiven = isDataObject(entities?.[index]);
    if (!isGiven && (failed.has(index) || failed.has(undefined))) unfilled.add(object);
  }
}

/** Whether anything that is required of an object is missing because of a fetch that gave nothing. */
export function requiresUnfilled(
  value: unknown,
  requires: readonly QueryPlanSelectionNode[],
  unfilled: WeakSet<object>,
): boolean {
  if (Array.isArray(value)) return value.some((item) => requiresUnfilled(item, requires, unfilled));
  if (!isDataObject(value)) return false;
  if (unfilled.has(value)) return true;
  return requires.some((node) =>
    node.kind === 'InlineFragment'
      ? requiresUnfilled(value, node.selections, unfilled)
      : node.selections && requiresUnfilled(readOwn(value, node.alias ?? node.name), node.selections, unfilled),
  );
}
