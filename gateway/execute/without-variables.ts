import type { FetchNode } from '@apollo/query-planner';
import {
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
  type ASTNode,
  type DocumentNode,
  type SelectionSetNode,
} from 'graphql';

/**
 * A fetch without the fields that use certain variables. Undefined where it then asks for nothing.
 * @param names of the variables
 */
export function withoutVariables(node: FetchNode, names: ReadonlySet<string>): FetchNode | undefined {
  const document: DocumentNode = visit(parse(node.operation, { noLocation: true }), {
    Field: (field) => (field.arguments?.some((each) => !usedVariables(each).isDisjointFrom(names)) ? null : undefined),
  });
  if (!asksForLeaves(document)) return undefined;
  const used = usedVariables(document);
  const whole = visit(document, {
    VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
    SelectionSet: fillEmpty,
  });
  return {
    ...node,
    operation: stripIgnoredCharacters(print(whole)),
    variableUsages: node.variableUsages?.filter((name) => used.has(name)) ?? [],
  };
}

/** Names of the variables in a node, but for those that are only defined there. */
function usedVariables(node: ASTNode): Set<string> {
  const used = new Set<string>();
  visit(node, {
    VariableDefinition: () => false,
    Variable({ name }) {
      used.add(name.value);
    },
  });
  return used;
}

function asksForLeaves(document: DocumentNode): boolean {
  let isFound = false;
  visit(document, {
    Field({ selectionSet }) {
      isFound ||= selectionSet === undefined;
    },
  });
  return isFound;
}

/** A selection set may not be empty; `__typename` can always be asked for. */
function fillEmpty(node: SelectionSetNode): SelectionSetNode | undefined {
  if (node.selections.length > 0) return undefined;
  return { ...node, selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }] };
}
