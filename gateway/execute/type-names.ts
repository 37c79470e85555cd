import { isAbstractType, isInterfaceType, type GraphQLSchema } from 'graphql';

/** Names an object may have in `__typename` to satisfy a type condition. */
export function possibleTypeNames(typeName: string, schema: GraphQLSchema): ReadonlySet<unknown> {
  const type = schema.getType(typeName);
  // With @interfaceObject a subgraph gives the interface's own name.
  const names = new Set<unknown>([typeName]);
  if (type && isAbstractType(type)) for (const possible of schema.getPossibleTypes(type)) names.add(possible.name);
  return names;
}

/** Names that are in `__typename` only where a subgraph knows an interface as an object. */
export function namesOfInterfaces(schema: GraphQLSchema): ReadonlySet<unknown> {
  const names = Object.values(schema.getTypeMap()).flatMap((type) => (isInterfaceType(type) ? [type.name] : []));
  return new Set<unknown>(names);
}
