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
    return clientPaths(path, root, context).map((clientPath) => ({ ...error, path: clientPath }));
  });
}

function clientPaths(path: Path, place: Place, context: PathContext): (string | number)[][] {
  const [element, ...rest] = path;
  if (element === undefined) return [[]];
  if (typeof element === 'number') {
    const value: unknown = Array.isArray(place.value) ? place.value[element] : undefined;
    return clientPaths(rest, { ...place, value }, context).map((found) => [element, ...found]);
  }
  const fields = fieldsWithKey(element, place, context);
  if (fields.size === 0) return [[element, ...rest]];
  const value = valueAt(place.value, element);
  return [...fields].flatMap(([key, { type, inner }]) =>
    clientPaths(rest, { type, selections: inner, value }, context).map((found) => [key, ...found]),
  );
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
