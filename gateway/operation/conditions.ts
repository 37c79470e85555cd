import {
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  visit,
  type ASTNode,
  type DirectiveNode,
  type DocumentNode,
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

/** A part of a document with everything in it that only some variables include. */
export function withEveryWay<Part extends ASTNode>(part: Part): Part {
  return visit(part, {
    Directive: (directive) => (conditionOf(directive)?.kind === Kind.VARIABLE ? null : undefined),
  });
}

/** Whether a directive is one of the two that conditions are made with. */
export function isCondition(directive: DirectiveNode): boolean {
  return conditionOf(directive) !== undefined;
}

function conditionOf({ name, arguments: given }: DirectiveNode) {
  if (name.value !== GraphQLSkipDirective.name && name.value !== GraphQLIncludeDirective.name) return undefined;
  return given?.find((argument) => argument.name.value === 'if')?.value;
}
