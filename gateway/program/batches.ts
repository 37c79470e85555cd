import type { Cover } from './covers.ts';
import type { PlannedFetch } from './plan-fetches.ts';

/**
 * Finds the entity fetches whose results are theirs alone.
 * @returns by their number, that of the first of those that hand in the same representations; they are made once
 */
export function findBatches(fetches: readonly PlannedFetch[], covers: readonly Cover[]): Map<number, number> {
  const shared = new Set(covers.flatMap(({ group, by }) => [group, ...(by === undefined ? [] : [by])]));
  for (const { id, group } of fetches) if (id !== group) shared.add(group);
  const firsts = new Map<number, number>();
  const batches = new Map<number, number>();
  for (const { id, group, node, batch } of fetches) {
    if (!node.requires || shared.has(group)) continue;
    if (!firsts.has(batch)) firsts.set(batch, id);
    batches.set(id, firsts.get(batch)!);
  }
  return batches;
}
