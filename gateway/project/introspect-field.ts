import {
  execute,
  Kind,
  OperationTypeNode,
  type ExecutionResult,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { CollectedField, Fragments } from '../operation/collect-fields.ts';

/** What answering a field of the schema about itself depends on. */
export interface IntrospectionContext {
  schema: GraphQLSchema;
  /** Declares the variables. */
  operation: OperationDefinitionNode;
  fragments: Fragments;
}

/** Answers `__schema` or `__type`. @param variables as they were sent, not coerced */
export type IntrospectField = (variables: Readonly<Record<string, unknown>>) => unknown;

/** Compiles `__schema` or `__type`, which the schema itself answers wherever the query's root type is. */
export function compileIntrospection(
  { key, node, inner }: CollectedField,
  { schema, operation, fragments }: IntrospectionContext,
): IntrospectField {
  const field: FieldNode = {
    ...node,
    directives: [],
    selectionSet: { kind: Kind.SELECTION_SET, selections: inner.flatMap(({ selections }) => selections) },
  };
  const alone: OperationDefinitionNode = {
    ...operation,
    operation: OperationTypeNode.QUERY,
    selectionSet: { kind: Kind.SELECTION_SET, selections: [field] },
  };
  const document = { kind: Kind.DOCUMENT, definitions: [alone, ...fragments.values()] } as const;
  return (variableValues) => {
    const result = execute({ schema, document, variableValues }) as ExecutionResult;
    return result.data?.[key] ?? null;
  };
}
