import {
  isAbstractType,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { isIncluded } from './conditions.ts';

/** Fragments of the operation's document by name. */
export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** Selection sets that contribute to one object. */
export type SelectionGroup = readonly SelectionSetNode[];

/** One response name of an object, merged from all the places that select it. */
export interface CollectedField {
  key: string;
  /** The first of {@link nodes}: in a valid operation they all ask the same. */
  node: FieldNode;
  nodes: readonly FieldNode[];
  /** The selections below it. */
  inner: SelectionGroup;
}

/** What collecting fields depends on beside the selections. */
export interface CollectContext {
  schema: GraphQLSchema;
  fragments: Fragments;
  /** Values of the variables in `@skip` and `@include`. */
  variables: Readonly<Record<string, unknown>>;
}

/**
 * Collects the fields of an object type, or of an interface that has no other types, in the order in which they are answered (GraphQL specification, section 6.3.2).
 */
export function collectFields(
  type: GraphQLObjectType | GraphQLInterfaceType,
  selections: SelectionGroup,
  { schema, fragments, variables }: CollectContext,
): CollectedField[] {
  const byKey = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  const visit = (nodes: readonly SelectionNode[]): void => {
    for (const node of nodes) {
      if (!isIncluded(node.directives, variables)) continue;
      if (node.kind === Kind.FIELD) {
        const key = (node.alias ?? node.name).value;
        const known = byKey.get(key);
        if (known) known.push(node);
        else byKey.set(key, [node]);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        if (applies(node.typeCondition?.name.value, type, schema)) visit(node.selectionSet.selections);
      } else if (!spread.has(node.name.value)) {
        spread.add(node.name.value);
        const fragment = fragments.get(node.name.value);
        if (fragment && applies(fragment.typeCondition.name.value, type, schema))
          visit(fragment.selectionSet.selections);
      }
    }
  };
  for (const { selections: nodes } of selections) visit(nodes);
  return [...byKey].map(([key, nodes]) => {
    const inner = nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
    return { key, node: nodes[0]!, nodes, inner };
  });
}

function applies(
  condition: string | undefined,
  type: GraphQLObjectType | GraphQLInterfaceType,
  schema: GraphQLSchema,
): boolean {
  if (condition === undefined || condition === type.name) return true;
  const conditionType = schema.getType(condition);
  return isAbstractType(conditionType) && schema.isSubType(conditionType, type);
}
