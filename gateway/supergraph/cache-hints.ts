import {
  Kind,
  parse,
  print,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type InterfaceTypeExtensionNode,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
} from 'graphql';

/**
 * `@cacheControl` as a subgraph declares it on a type or field.
 * @see https://www.apollographql.com/docs/apollo-server/performance/caching
 */
export interface CacheHint {
  maxAgeSeconds?: number;
  scope?: 'PUBLIC' | 'PRIVATE';
  /** The field takes its parent's max age. */
  inheritMaxAge?: boolean;
}

/** Hints of every subgraph, by the subgraph's name, then `Type` or `Type.field`. */
export type CacheHints = ReadonlyMap<string, ReadonlyMap<string, CacheHint>>;

const DIRECTIVE = 'cacheControl';

type FieldsNode =
  ObjectTypeDefinitionNode | ObjectTypeExtensionNode | InterfaceTypeDefinitionNode | InterfaceTypeExtensionNode;

/**
 * Composition drops directives of the subgraphs' own. This writes their `@cacheControl` into the supergraph as
 * `@join__directive`, which keeps for each subgraph what that subgraph said, and which other gateways pass over.
 */
export function addCacheHints(
  supergraphSdl: string,
  subgraphs: readonly { name: string; document: DocumentNode }[],
): string {
  const supergraph = parse(supergraphSdl, { noLocation: true });
  const graphs = graphNames(supergraph);
  const found = new Map<string, ConstDirectiveNode[]>();
  for (const { name, document } of subgraphs) {
    for (const [element, directive] of hintedElements(document)) {
      const graph = [...graphs].find(([, graphName]) => graphName === name)?.[0];
      if (!graph) continue;
      const joined = found.get(element) ?? [];
      joined.push(joinDirective(graph, directive));
      found.set(element, joined);
    }
  }
  if (found.size === 0) return supergraphSdl;
  return print({
    ...supergraph,
    definitions: supergraph.definitions.map((definition) => withDirectives(definition, found)),
  });
}

/** Reads back what {@link addCacheHints} wrote. */
export function readCacheHints(supergraphSdl: string): CacheHints {
  const supergraph = parse(supergraphSdl, { noLocation: true });
  const graphs = graphNames(supergraph);
  const hints = new Map<string, Map<string, CacheHint>>();
  for (const [element, directive] of joinDirectives(supergraph)) {
    const args = argumentsOf(directive);
    if (args['name'] !== DIRECTIVE) continue;
    for (const graph of args['graphs'] as string[]) {
      const subgraph = graphs.get(graph);
      if (!subgraph) continue;
      const ofSubgraph = hints.get(subgraph) ?? new Map<string, CacheHint>();
      ofSubgraph.set(element, toHint((args['args'] ?? {}) as Record<string, unknown>));
      hints.set(subgraph, ofSubgraph);
    }
  }
  return hints;
}

function toHint({ maxAge, scope, inheritMaxAge }: Record<string, unknown>): CacheHint {
  return {
    ...(typeof maxAge === 'number' ? { maxAgeSeconds: maxAge } : {}),
    ...(scope === 'PUBLIC' || scope === 'PRIVATE' ? { scope } : {}),
    ...(inheritMaxAge === true ? { inheritMaxAge } : {}),
  };
}

/** Subgraph names by their value of the `join__Graph` enum. */
function graphNames(supergraph: DocumentNode): Map<string, string> {
  const names = new Map<string, string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const value of definition.values ?? []) {
      const graph = value.directives?.find((directive) => directive.name.value === 'join__graph');
      if (graph) names.set(value.name.value, String(argumentsOf(graph)['name']));
    }
  }
  return names;
}

function* hintedElements(document: DocumentNode): Generator<[element: string, directive: ConstDirectiveNode]> {
  yield* elementsWith(document, DIRECTIVE);
}

function* joinDirectives(document: DocumentNode): Generator<[element: string, directive: ConstDirectiveNode]> {
  yield* elementsWith(document, 'join__directive');
}

function* elementsWith(
  document: DocumentNode,
  name: string,
): Generator<[element: string, directive: ConstDirectiveNode]> {
  for (const definition of document.definitions) {
    if (!hasFields(definition)) continue;
    const typeName = definition.name.value;
    for (const directive of definition.directives ?? []) if (directive.name.value === name) yield [typeName, directive];
    for (const field of definition.fields ?? [])
      for (const directive of field.directives ?? [])
        if (directive.name.value === name) yield [`${typeName}.${field.name.value}`, directive];
  }
}

function hasFields(definition: DefinitionNode): definition is FieldsNode {
  return (
    definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
    definition.kind === Kind.OBJECT_TYPE_EXTENSION ||
    definition.kind === Kind.INTERFACE_TYPE_DEFINITION ||
    definition.kind === Kind.INTERFACE_TYPE_EXTENSION
  );
}

function withDirectives(definition: DefinitionNode, found: ReadonlyMap<string, ConstDirectiveNode[]>): DefinitionNode {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION)
    return definition;
  const typeName = definition.name.value;
  const fields = definition.fields?.map((field): FieldDefinitionNode => ({
    ...field,
    directives: [...(field.directives ?? []), ...(found.get(`${typeName}.${field.name.value}`) ?? [])],
  }));
  return {
    ...definition,
    directives: [...(definition.directives ?? []), ...(found.get(typeName) ?? [])],
    ...(fields ? { fields } : {}),
  };
}

function joinDirective(graph: string, source: ConstDirectiveNode): ConstDirectiveNode {
  const argument = (name: string, value: NonNullable<ConstDirectiveNode['arguments']>[number]['value']) =>
    ({ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: name }, value }) as const;
  const fields = (source.arguments ?? []).map(({ name, value }) => ({ kind: Kind.OBJECT_FIELD, name, value }) as const);
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: 'join__directive' },
    arguments: [
      argument('graphs', { kind: Kind.LIST, values: [{ kind: Kind.ENUM, value: graph }] }),
      argument('name', { kind: Kind.STRING, value: DIRECTIVE }),
      argument('args', { kind: Kind.OBJECT, fields }),
    ],
  };
}

function argumentsOf(directive: ConstDirectiveNode): Record<string, unknown> {
  return Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
  );
}
