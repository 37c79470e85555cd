import type { ResponsePath } from '@apollo/query-planner';
import { isDataObject, readOwn, type DataObject } from './data.ts';

/** One step of a path into the data: a field, or each item of a list. */
type PathStep = { kind: 'field'; key: string } | { kind: 'each' };

/** Where in the merged data a fetch takes its entities from. */
export interface TargetPath {
  readonly steps: readonly PathStep[];
}

/** An object of the data, and where the client finds it. */
export interface Position {
  path: (string | number)[];
  object: DataObject;
  /** The objects on the way to it: the data itself first, the object last. */
  lineage: readonly DataObject[];
}

/** Compiles a plan's path: `@` is each item of a list, everything else a response name. */
export function compileTargetPath(path: ResponsePath): TargetPath {
  return {
    steps: path.map((element) => (element === '@' ? { kind: 'each' } : { kind: 'field', key: String(element) })),
  };
}

/** The objects at a path, in order; one that is reachable in several ways is listed as often. */
export function findTargets(data: DataObject, { steps }: TargetPath): DataObject[] {
  const found: DataObject[] = [];
  descend(data, steps, 0, found);
  return found;
}

function descend(value: unknown, steps: readonly PathStep[], at: number, found: DataObject[]): void {
  if (value === null || value === undefined) return;
  const step = steps[at];
  if (!step) {
    if (Array.isArray(value)) for (const item of value) descend(item, steps, at, found);
    else if (isDataObject(value)) found.push(value);
  } else if (step.kind === 'each') {
    if (Array.isArray(value)) for (const item of value) descend(item, steps, at + 1, found);
  } else if (isDataObject(value)) descend(readOwn(value, step.key), steps, at + 1, found);
}

/** As {@link findTargets}, with the way to each. Slower: for errors and contextual arguments only. */
export function findPositions(data: DataObject, { steps }: TargetPath): Position[] {
  return [...locate(data, steps, { path: [], lineage: [] })];
}

function* locate(
  value: unknown,
  steps: readonly PathStep[],
  { path, lineage }: Omit<Position, 'object'>,
): Generator<Position> {
  const [step, ...rest] = steps;
  if (Array.isArray(value)) {
    if (step?.kind === 'field') return;
    for (const [index, item] of value.entries()) yield* locate(item, rest, { path: [...path, index], lineage });
  } else if (isDataObject(value)) {
    const way = [...lineage, value];
    if (!step) yield { path, object: value, lineage: way };
    else if (step.kind === 'field')
      yield* locate(readOwn(value, step.key), rest, { path: [...path, step.key], lineage: way });
  }
}
