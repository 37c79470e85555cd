import {
  Kind,
  parse,
  print,
  valueFromASTUntyped,
  visit,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type InterfaceTypeExtensionNode,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  type SchemaDefinitionNode,
  type SchemaExtensionNode,
} from 'graphql';

type FieldsNode =
  ObjectTypeDefinitionNode | ObjectTypeExtensionNode | InterfaceTypeDefinitionNode | InterfaceTypeExtensionNode;

/** Directives of subgraphs that this gateway reads out of the supergraph. */
const JOINED = ['cacheControl', 'cacheTag', 'access', 'aggregate', 'department', 'toleratesMissing'];

/** What a directive of the schema itself stands on. */
export const SCHEMA_ELEMENT = '';

/**
 * Composition drops directives of the subgraphs' own. This writes those that the gateway goes by into the supergraph as
 * `@join__directive`, which keeps for each subgraph what that subgraph said, and which other gateways pass over.
 */
export function addJoinedDirectives(
  supergraphSdl: string,
  subgraphs: readonly { name: string; document: DocumentNode }[],
): string {
  const supergraph = parse(supergraphSdl, { noLocation: true });
  const graphs = graphNames(supergraph);
  const found = new Map<string, ConstDirectiveNode[]>();
  for (const { name, document } of subgraphs) {
    for (const [element, directive] of elementsWith(document, JOINED)) {
      const graph = [...graphs].find(([, graphName]) => graphName === name)?.[0];
      if (!graph) continue;
      const joined = found.get(element) ?? [];
      joined.push(joinDirective(graph, directive));
      found.set(element, joined);
    }
  }
  if (found.size === 0) return supergraphSdl;
  const { definitions } = withJoinDirective(supergraph);
  return print({ ...supergraph, definitions: definitions.map((definition) => withDirectives(definition, found)) });
}

const OLD_JOIN_URL = 'https://specs.apollo.dev/join/v0.3';
const JOIN_URL = 'https://specs.apollo.dev/join/v0.4';

/** What the join specification has from version 0.4 on. */
const JOIN_DEFINITIONS = parse(
  `directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION
   scalar join__DirectiveArguments`,
  { noLocation: true },
).definitions;

/**
 * A supergraph that has `@join__directive`: where all departments are of a federation before 2.7, composition writes one of a
 * version of the join specification that does not know it yet.
 */
export function withJoinDirective(supergraph: DocumentNode): DocumentNode {
  if (!supergraph.definitions.some(linksOldJoin)) return supergraph;
  const { definitions } = visit(supergraph, {
    StringValue: (node) => (node.value === OLD_JOIN_URL ? { ...node, value: JOIN_URL } : undefined),
    DirectiveDefinition(node) {
      if (node.name.value !== 'join__field') return undefined;
      return { ...node, arguments: [...(node.arguments ?? []), OVERRIDE_LABEL] };
    },
  });
  return { ...supergraph, definitions: [...definitions, ...JOIN_DEFINITIONS] };
}

function linksOldJoin(definition: DefinitionNode): boolean {
  if (definition.kind !== Kind.SCHEMA_DEFINITION) return false;
  return (definition.directives ?? []).some((directive) => argumentsOf(directive)['url'] === OLD_JOIN_URL);
}

/** The argument that `@join__field` has from version 0.4 on. */
const OVERRIDE_LABEL: InputValueDefinitionNode = {
  kind: Kind.INPUT_VALUE_DEFINITION,
  name: { kind: Kind.NAME, value: 'overrideLabel' },
  type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: 'String' } },
};

/** A directive of a subgraph's own, as it stands in the supergraph. */
export interface JoinedDirective {
  subgraph: string;
  /** `Type`, `Type.field`, or {@link SCHEMA_ELEMENT}. */
  element: string;
  args: Readonly<Record<string, unknown>>;
}

/** Reads back what {@link addJoinedDirectives} wrote of one directive. */
export function readJoinedDirectives(supergraph: DocumentNode, name: string): JoinedDirective[] {
  const graphs = graphNames(supergraph);
  return [...elementsWith(supergraph, ['join__directive'])].flatMap(([element, directive]) => {
    const joined = argumentsOf(directive);
    if (joined['name'] !== name) return [];
    const args = (joined['args'] ?? {}) as Record<string, unknown>;
    return (joined['graphs'] as string[]).flatMap((graph) => {
      const subgraph = graphs.get(graph);
      return subgraph === undefined ? [] : [{ subgraph, element, args }];
    });
  });
}

/** Subgraph names by their value of the `join__Graph` enum. */
export function graphNames(supergraph: DocumentNode): Map<string, string> {
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

function* elementsWith(
  document: DocumentNode,
  names: readonly string[],
): Generator<[element: string, directive: ConstDirectiveNode]> {
  for (const definition of document.definitions) {
    if (isSchema(definition))
      for (const directive of definition.directives ?? [])
        if (names.includes(directive.name.value)) yield [SCHEMA_ELEMENT, directive];
    if (!hasFields(definition)) continue;
    const typeName = definition.name.value;
    for (const directive of definition.directives ?? [])
      if (names.includes(directive.name.value)) yield [typeName, directive];
    for (const field of definition.fields ?? [])
      for (const directive of field.directives ?? [])
        if (names.includes(directive.name.value)) yield [`${typeName}.${field.name.value}`, directive];
  }
}

function isSchema(definition: DefinitionNode): definition is SchemaDefinitionNode | SchemaExtensionNode {
  return definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION;
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
  if (definition.kind === Kind.SCHEMA_DEFINITION)
    return { ...definition, directives: [...(definition.directives ?? []), ...(found.get(SCHEMA_ELEMENT) ?? [])] };
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
      argument('name', { kind: Kind.STRING, value: source.name.value }),
      argument('args', { kind: Kind.OBJECT, fields }),
    ],
  };
}

function argumentsOf(directive: ConstDirectiveNode): Record<string, unknown> {
  return Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
  );
}
