import {
  getNamedType,
  isCompositeType,
  isObjectType,
  type GraphQLCompositeType,
  type GraphQLObjectType,
} from 'graphql';
import type { AnswerError } from '../errors.ts';
import {
  collectFields,
  type CollectedField,
  type CollectContext,
  type SelectionGroup,
} from '../operation/collect-fields.ts';
import type { DataKeys } from '../operation/data-keys.ts';

type Path = readonly (string | number)[];

/** What turning paths into the client's depends on. */
export interface PathContext extends CollectContext {
  dataKeys: DataKeys;
}

/** A place in the merged data, with what the client selects of it. */
interface Place {
  type: GraphQLCompositeType | undefined;
  selections: SelectionGroup;
  value: unknown;
}

/**
 * Gives errors the client's paths. A path through the merged data may be several of the client's, who asked for the field
 * under several names, and each of those is missing a value. What the client did not ask for at all, such as a key that only
 * the gateway needed, keeps the name it has in the department's schema.
 */
export function withClientPaths(errors: readonly AnswerError[], root: Place, context: PathContext): AnswerError[] {
  return errors.flatMap((error) => {
    const { path } = error;
    if (!path) return [error];
    const found = clientPaths(path, root, context);
    const whole = found.filter(({ isWhole }) => isWhole);
    return (whole.length > 0 ? whole : found).map((clientPath) => ({ ...error, path: clientPath.path }));
  });
}

interface ClientPath {
  path: (string | number)[];
  /** Whether the client asked for everything on it. */
  isWhole: boolean;
}

function clientPaths(path: Path, place: Place, context: PathContext): ClientPath[] {
  const [element, ...rest] = path;
  if (element === undefined) return [{ path: [], isWhole: true }];
  if (typeof element === 'number') {
    const value: unknown = Array.isArray(place.value) ? place.value[element] : undefined;
    return below(element, clientPaths(rest, { ...place, value }, context));
  }
  const fields = fieldsWithKey(element, place, context);
  if (fields.size === 0) {
    const name = element.replace(NUMBERED, '');
    return [{ path: isResponseName(name, place, context) ? [] : [name, ...rest], isWhole: false }];
  }
  const value = valueAt(place.value, element);
  return [...fields].flatMap(([key, { type, inner }]) =>
    below(key, clientPaths(rest, { type, selections: inner, value }, context)),
  );
}

/** Names that were made by adding to a field's own, in `operation/data-keys.ts` and `plan/faults/`. */
const NUMBERED = /__(?:required)?\d+$/;

function below(element: string | number, paths: readonly ClientPath[]): ClientPath[] {
  return paths.map(({ path, isWhole }) => ({ path: [element, ...path], isWhole }));
}

/** The client's fields that take their value from a data key, by response name. */
function fieldsWithKey(
  dataKey: string,
  { type, selections, value }: Place,
  context: PathContext,
): Map<string, { type: GraphQLCompositeType | undefined; inner: SelectionGroup }> {
  const found = new Map<string, { type: GraphQLCompositeType | undefined; inner: SelectionGroup }>();
  for (const objectType of type ? runtimeTypes(type, value, context) : []) {
    for (const field of collectFields(objectType, selections, context)) {
      if (context.dataKeys.get(field.node) !== dataKey) continue;
      if (!found.has(field.key)) found.set(field.key, { type: compositeType(objectType, field), inner: field.inner });
    }
  }
  return found;
}

/** Whether the client calls something else by a name. */
function isResponseName(name: string, { type, selections, value }: Place, context: PathContext): boolean {
  return (type ? runtimeTypes(type, value, context) : []).some((objectType) =>
    collectFields(objectType, selections, context).some(({ key }) => key === name),
  );
}

/** The type that an object says it has; any it could have where it says nothing. */
function runtimeTypes(
  type: GraphQLCompositeType,
  value: unknown,
  { schema }: PathContext,
): readonly GraphQLObjectType[] {
  if (isObjectType(type)) return [type];
  const possible = schema.getPossibleTypes(type);
  const typeName = valueAt(value, '__typename');
  const named = possible.filter(({ name }) => name === typeName);
  return named.length > 0 ? named : possible;
}

function compositeType(parent: GraphQLObjectType, { node }: CollectedField): GraphQLCompositeType | undefined {
  const field = parent.getFields()[node.name.value];
  const named = field && getNamedType(field.type);
  return isCompositeType(named) ? named : undefined;
}

function valueAt(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
