import { createHash } from 'node:crypto';
import { Kind, print, visit, type ConstDirectiveNode, type DefinitionNode, type DocumentNode } from 'graphql';
import { graphNames } from './joined-directives.ts';

/**
 * A digest of what a supergraph says of each subgraph, by the subgraph's name. It is another as soon as anything of the subgraph
 * is, and stays while only others change: what is remembered of a subgraph is bound to it, and outlives the others' releases.
 */
export function hashSubgraphs(supergraph: DocumentNode): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  for (const [graph, name] of graphNames(supergraph)) {
    const parts = supergraph.definitions.flatMap((definition) => partOf(definition, graph));
    hashes.set(name, createHash('sha256').update(parts.join('\n')).digest('base64url'));
  }
  return hashes;
}

/** What a definition says of a subgraph: without the fields, members and values that are others' alone. */
function partOf(definition: DefinitionNode, graph: string): string[] {
  if (!isType(definition) || !isOf(definition.directives, graph, 'join__type')) return [];
  const part = visit(definition, {
    FieldDefinition: (node) => (isOf(node.directives, graph, 'join__field') ? undefined : null),
    InputValueDefinition: (node) => (isOf(node.directives, graph, 'join__field') ? undefined : null),
    EnumValueDefinition: (node) => (isOf(node.directives, graph, 'join__enumValue') ? undefined : null),
    Directive: (node) => (saysNothingOf(node as ConstDirectiveNode, graph) ? null : undefined),
  });
  // Which interfaces and members are the subgraph's is said by directives.
  return [
    print({ ...(part as object), description: undefined, interfaces: [], types: [] } as unknown as DefinitionNode),
  ];
}

function isType(definition: DefinitionNode): definition is DefinitionNode & Directed {
  return 'directives' in definition && definition.kind.endsWith('TypeDefinition');
}

interface Directed {
  readonly directives?: readonly ConstDirectiveNode[];
}

/** Whether an element is one of the subgraph's: what does not say whose it is belongs to everyone who has its type. */
function isOf(directives: readonly ConstDirectiveNode[] | undefined, graph: string, name: string): boolean {
  const saying = (directives ?? []).filter((directive) => directive.name.value === name);
  return saying.length === 0 ? name !== 'join__type' : saying.some((directive) => graphsOf(directive).includes(graph));
}

/** Directives of the join specification name the graphs that they are about (join v0.5, section 4). */
function saysNothingOf(directive: ConstDirectiveNode, graph: string): boolean {
  const graphs = graphsOf(directive);
  return graphs.length > 0 && !graphs.includes(graph);
}

function graphsOf({ arguments: given = [] }: ConstDirectiveNode): string[] {
  return given.flatMap(({ name, value }) => {
    if (name.value !== 'graph' && name.value !== 'graphs') return [];
    const values = value.kind === Kind.LIST ? value.values : [value];
    return values.flatMap((each) => (each.kind === Kind.ENUM ? each.value : []));
  });
}
