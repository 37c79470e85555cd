import {
  Kind,
  parse,
  print,
  validate,
  visit,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import type { Operation } from './federation.ts';

/**
 * The smallest operation that still fails: what can be left out without `fails` becoming false is left out, until nothing
 * more can be.
 */
export async function shrinkOperation(
  operation: Operation,
  schema: GraphQLSchema,
  fails: (operation: Operation) => Promise<boolean>,
): Promise<Operation> {
  let smallest = operation;
  for (let progress = true; progress;) {
    progress = false;
    for (const document of smallerDocuments(parse(smallest.query, { noLocation: true }))) {
      const candidate = tidy(document, smallest);
      if (candidate.query === smallest.query || validate(schema, parse(candidate.query)).length > 0) continue;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      progress = true;
      break;
    }
  }
  return smallest;
}

/** Documents that each lack one thing, those that lack most first. */
function* smallerDocuments(document: DocumentNode): Generator<DocumentNode> {
  const sets: SelectionSetNode[] = [];
  const nodes: ASTNode[] = [];
  visit(document, {
    enter(node) {
      if (node.kind === Kind.SELECTION_SET) sets.push(node);
      else nodes.push(node);
    },
  });
  for (const set of sets) yield* smallerSets(document, set);
  const fragments = new Map(
    document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
  for (const node of nodes) for (const simpler of simplerNodes(node, fragments)) yield replace(document, node, simpler);
}

function* smallerSets(document: DocumentNode, set: SelectionSetNode): Generator<DocumentNode> {
  const { selections } = set;
  if (selections.length > 1)
    for (const selection of selections)
      yield replace(document, set, { ...set, selections: selections.filter((each) => each !== selection) });
  // A field's or fragment's selections in its place.
  for (const selection of selections) {
    if (selection.kind !== Kind.INLINE_FRAGMENT) continue;
    const flat = selections.flatMap((each) => (each === selection ? each.selectionSet.selections : [each]));
    yield replace(document, set, { ...set, selections: flat });
  }
  const [only] = selections;
  const isTypename = only?.kind === Kind.FIELD && only.name.value === '__typename';
  if (selections.length === 1 && !isTypename) yield replace(document, set, { ...set, selections: [TYPENAME] });
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

function* simplerNodes(node: ASTNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): Generator<ASTNode> {
  if (node.kind === Kind.FRAGMENT_SPREAD) {
    const { typeCondition, selectionSet } = fragments.get(node.name.value)!;
    yield { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet, directives: node.directives ?? [] };
  }
  if ('directives' in node)
    for (const directive of node.directives ?? [])
      yield { ...node, directives: node.directives.filter((each) => each !== directive) } as ASTNode;
  if (node.kind === Kind.FIELD) {
    const { alias, ...unaliased } = node;
    if (alias) yield unaliased;
    for (const arg of node.arguments ?? [])
      yield { ...node, arguments: node.arguments!.filter((each) => each !== arg) };
  }
  if (node.kind === Kind.OPERATION_DEFINITION) {
    const { name, ...unnamed } = node;
    if (name) yield unnamed;
  }
}

function replace(document: DocumentNode, old: ASTNode, by: ASTNode): DocumentNode {
  return visit(document, { enter: (node) => (node === old ? by : undefined) });
}

/** Drops fragments and variables that nothing uses any more. */
function tidy(document: DocumentNode, { variables, callerSeed }: Operation): Operation {
  let current = document;
  for (;;) {
    const used = namesUsed(current);
    const kept = visit(current, {
      FragmentDefinition: (node) => (used.has(`...${node.name.value}`) ? undefined : null),
      VariableDefinition: (node) => (used.has(`$${node.variable.name.value}`) ? false : null),
    });
    if (print(kept) === print(current)) {
      const given = Object.entries(variables).filter(([name]) => used.has(`$${name}`));
      return {
        query: print(kept),
        variables: Object.fromEntries(given),
        ...(callerSeed === undefined ? {} : { callerSeed }),
      };
    }
    current = kept;
  }
}

function namesUsed(document: DocumentNode): Set<string> {
  const used = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    FragmentSpread: (node) => void used.add(`...${node.name.value}`),
    Variable: (node) => void used.add(`$${node.name.value}`),
  });
  return used;
}
