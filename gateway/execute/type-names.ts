import { isAbstractType, type GraphQLSchema } from 'graphql';

/** Names an object may have in `__typename` to satisfy a type condition. */
export function possibleTypeNames(typeName: string, schema: GraphQLSchema): ReadonlySet<unknown> {
  const type = schema.getType(typeName);
  // With @interfaceObject a subgraph gives the interface's own name.
  const names = new Set<unknown>([typeName]);
  if (type && isAbstractType(type)) for (const possible of schema.getPossibleTypes(type)) names.add(possible.name);
  return names;
}
