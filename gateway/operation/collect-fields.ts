import {
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isAbstractType,
  Kind,
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** Fragments of the operation's document by name. */
export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** `@skip` or `@include` with a variable; several of them must all hold. */
interface Condition {
  variable: string;
  /** The value with which the field is there. */
  when: boolean;
}

/** Selection sets that contribute to one object, each with the conditions under which it does. */
export type SelectionGroup = readonly { selectionSet: SelectionSetNode; conditions: readonly Condition[] }[];

/** One response name of an object, merged from all the places that select it. */
export interface CollectedField {
  key: string;
  node: FieldNode;
  /** Absent where the field is always there. */
  isIncluded: ((variables: Readonly<Record<string, unknown>>) => boolean) | undefined;
  /** The selections below it. */
  inner: SelectionGroup;
}

interface Occurrence {
  node: FieldNode;
  conditions: readonly Condition[];
}

/** The selection set of an operation, as a group. */
export function rootSelections(selectionSet: SelectionSetNode): SelectionGroup {
  return [{ selectionSet, conditions: [] }];
}

/**
 * Collects the fields of an object type, in the order in which they are answered (GraphQL specification, section 6.3.2).
 * Conditions on variables stay conditions, so that it is done once for all requests.
 */
export function collectFields(
  type: GraphQLObjectType,
  selections: SelectionGroup,
  fragments: Fragments,
  schema: GraphQLSchema,
): CollectedField[] {
  const byKey = new Map<string, Occurrence[]>();
  const visit = (
    nodes: readonly SelectionNode[],
    conditions: readonly Condition[],
    spread: ReadonlySet<string>,
  ): void => {
    for (const node of nodes) {
      const own = conditionsOf(node.directives);
      if (!own) continue;
      const all = own.length > 0 ? [...conditions, ...own] : conditions;
      if (node.kind === Kind.FIELD) {
        const key = (node.alias ?? node.name).value;
        const known = byKey.get(key);
        if (known) known.push({ node, conditions: all });
        else byKey.set(key, [{ node, conditions: all }]);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        if (applies(node.typeCondition?.name.value, type, schema)) visit(node.selectionSet.selections, all, spread);
      } else {
        const fragment = fragments.get(node.name.value);
        if (!fragment || spread.has(node.name.value) || !applies(fragment.typeCondition.name.value, type, schema))
          continue;
        visit(fragment.selectionSet.selections, all, new Set([...spread, node.name.value]));
      }
    }
  };
  for (const { selectionSet, conditions } of selections) visit(selectionSet.selections, conditions, new Set());
  return [...byKey].map(([key, occurrences]) => collectedField(key, occurrences));
}

function collectedField(key: string, occurrences: readonly Occurrence[]): CollectedField {
  const inner = occurrences.flatMap(({ node, conditions }) =>
    node.selectionSet ? [{ selectionSet: node.selectionSet, conditions }] : [],
  );
  return { key, node: occurrences[0]!.node, isIncluded: inclusion(occurrences), inner };
}

/** A field is there when one of its occurrences is. */
function inclusion(occurrences: readonly Occurrence[]): CollectedField['isIncluded'] {
  if (occurrences.some(({ conditions }) => conditions.length === 0)) return undefined;
  return (variables) =>
    occurrences.some(({ conditions }) => conditions.every(({ variable, when }) => variables[variable] === when));
}

/** Undefined where the selection is never there. */
function conditionsOf(directives: readonly DirectiveNode[] | undefined): Condition[] | undefined {
  const conditions: Condition[] = [];
  for (const directive of directives ?? []) {
    const isSkip = directive.name.value === GraphQLSkipDirective.name;
    if (!isSkip && directive.name.value !== GraphQLIncludeDirective.name) continue;
    const value = directive.arguments?.find(({ name }) => name.value === 'if')?.value;
    if (value?.kind === Kind.VARIABLE) conditions.push({ variable: value.name.value, when: !isSkip });
    else if (value?.kind === Kind.BOOLEAN && value.value === isSkip) return undefined;
  }
  return conditions;
}

function applies(condition: string | undefined, type: GraphQLObjectType, schema: GraphQLSchema): boolean {
  if (condition === undefined || condition === type.name) return true;
  const conditionType = schema.getType(condition);
  return isAbstractType(conditionType) && schema.isSubType(conditionType, type);
}
