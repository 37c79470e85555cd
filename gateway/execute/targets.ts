import type { ResponsePath } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { pathSteps } from '../plan/plan-path.ts';
import { isDataObject, readOwn, type DataObject } from './data.ts';
import { namesOfInterfaces } from './type-names.ts';

/** One step of a path into the data: a field, or each item of a list, or only the objects there of some types. */
type TargetStep =
  { kind: 'field'; key: string } | { kind: 'each' } | { kind: 'typed'; admits: (object: DataObject) => boolean };

/** Where in the merged data a fetch takes its entities from. */
export interface TargetPath {
  readonly steps: readonly TargetStep[];
}

/** An object of the data, and where the client finds it. */
export interface Position {
  path: (string | number)[];
  object: DataObject;
  /** The objects on the way to it: the data itself first, the object last. */
  lineage: readonly DataObject[];
}

/**
 * Compiles a plan's path.
 * @param schema the supergraph's full schema
 */
export function compileTargetPath(path: ResponsePath, schema: GraphQLSchema): TargetPath {
  return {
    steps: pathSteps(path).flatMap(({ key, types }): TargetStep[] => {
      const step: TargetStep = key === '@' ? { kind: 'each' } : { kind: 'field', key };
      return types ? [step, { kind: 'typed', admits: compileTypes(types, schema) }] : [step];
    }),
  };
}

/** An object that does not say which type it has, or only which interface, may be of any. */
function compileTypes(types: readonly string[], schema: GraphQLSchema): (object: DataObject) => boolean {
  const names = new Set<unknown>([...types, ...namesOfInterfaces(schema), undefined]);
  return (object) => names.has(readOwn(object, '__typename'));
}

/** The objects at a path, in order; one that is reachable in several ways is listed as often. */
export function findTargets(data: DataObject, { steps }: TargetPath): DataObject[] {
  const found: DataObject[] = [];
  descend(data, steps, 0, found);
  return found;
}

function descend(value: unknown, steps: readonly TargetStep[], at: number, found: DataObject[]): void {
  if (value === null || value === undefined) return;
  const step = steps[at];
  if (!step) {
    if (Array.isArray(value)) for (const item of value) descend(item, steps, at, found);
    else if (isDataObject(value)) found.push(value);
  } else if (step.kind === 'each') {
    if (Array.isArray(value)) for (const item of value) descend(item, steps, at + 1, found);
  } else if (!isDataObject(value)) return;
  else if (step.kind === 'field') descend(readOwn(value, step.key), steps, at + 1, found);
  else if (step.admits(value)) descend(value, steps, at + 1, found);
}

/** As {@link findTargets}, with the way to each. Slower: for errors and contextual arguments only. */
export function findPositions(data: DataObject, { steps }: TargetPath): Position[] {
  return [...locate(data, steps, { path: [], lineage: [] })];
}

function* locate(
  value: unknown,
  steps: readonly TargetStep[],
  { path, lineage }: Omit<Position, 'object'>,
): Generator<Position> {
  const [step, ...rest] = steps;
  if (Array.isArray(value)) {
    if (step && step.kind !== 'each') return;
    for (const [index, item] of value.entries()) yield* locate(item, rest, { path: [...path, index], lineage });
  } else if (isDataObject(value)) {
    if (step?.kind === 'typed') {
      if (step.admits(value)) yield* locate(value, rest, { path, lineage });
      return;
    }
    const way = [...lineage, value];
    if (!step) yield { path, object: value, lineage: way };
    else if (step.kind === 'field')
      yield* locate(readOwn(value, step.key), rest, { path: [...path, step.key], lineage: way });
  }
}
