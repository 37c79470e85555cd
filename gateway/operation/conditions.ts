import {
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type SelectionSetNode,
} from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

/** Names of the variables that a document's `@skip` and `@include` depend on. */
export function conditionVariables(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(directive) {
      const value = conditionOf(directive);
      if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

/** One text for each way the conditions can go. */
export function conditionKey(names: readonly string[], variables: Variables): string {
  let key = '';
  for (const name of names) key += variables[name] === true ? '1' : '0';
  return key;
}

/** Whether a selection with these directives is there (GraphQL specification, sections 3.13.1 and 3.13.2). */
export function isIncluded(directives: readonly DirectiveNode[] | undefined, variables: Variables): boolean {
  for (const directive of directives ?? []) {
    const value = conditionOf(directive);
    if (!value) continue;
    const holds =
      value.kind === Kind.VARIABLE ? variables[value.name.value] === true : value.kind === Kind.BOOLEAN && value.value;
    if (holds === (directive.name.value === GraphQLSkipDirective.name)) return false;
  }
  return true;
}

/**
 * The document for one way its conditions go: without what is left out, and without conditions. A plan made of that asks
 * for what is needed and no more; a plan with conditions in it requires inputs that its own conditions left out.
 */
export function decideConditions(document: DocumentNode, variables: Variables): DocumentNode {
  const decide = <Selection extends { directives?: readonly DirectiveNode[] | undefined }>(node: Selection) => {
    if (!isIncluded(node.directives, variables)) return null;
    const rest = node.directives?.filter((directive) => !conditionOf(directive)) ?? [];
    return rest.length === (node.directives?.length ?? 0) ? undefined : { ...node, directives: rest };
  };
  return visit(document, {
    Field: decide,
    InlineFragment: decide,
    FragmentSpread: decide,
    SelectionSet: { leave: fillEmpty },
  });
}

/** A selection set may not be empty; `__typename` can always be asked for, and is not shown under a name nobody asked for. */
export function fillEmpty(node: SelectionSetNode): SelectionSetNode | undefined {
  if (node.selections.length > 0) return undefined;
  const name = { kind: Kind.NAME, value: '__typename' } as const;
  return { ...node, selections: [{ kind: Kind.FIELD, name, alias: { kind: Kind.NAME, value: '__empty' } }] };
}

function conditionOf({ name, arguments: given }: DirectiveNode) {
  if (name.value !== GraphQLSkipDirective.name && name.value !== GraphQLIncludeDirective.name) return undefined;
  return given?.find((argument) => argument.name.value === 'if')?.value;
}
