import { GraphQLError, Kind, OperationTypeNode, parse } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { refuse, refuseWith, type Refusal } from '../errors.ts';

/** A parsed document, and the one operation of it that is to be run. */
export interface ParsedOperation {
  ok: true;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/**
 * Parses the text and picks the operation (GraphQL specification, section 6.1, GetOperation).
 *
 * @param maxTokens the parser stops there, so that a long text costs no more than that
 */
export function parseOperation(
  text: string,
  operationName: string | undefined,
  maxTokens: number,
): ParsedOperation | Refusal {
  let document: DocumentNode;
  try {
    document = parse(text, { maxLexicalTokens: maxTokens });
  } catch (error) {
    // The parser descends once a level: a text that is nothing but levels runs out of stack before it runs out of tokens.
    if (error instanceof RangeError) return refuse('MAX_DEPTH_LIMIT');
    if (!(error instanceof GraphQLError)) throw error;
    if (error.message.includes('Parsing aborted'))
      return refuse('MAX_TOKENS_LIMIT', `At most ${maxTokens} are allowed.`);
    return refuseWith('GRAPHQL_PARSE_FAILED', [error]);
  }
  return pickOperation(document, operationName);
}

function pickOperation(document: DocumentNode, operationName: string | undefined): ParsedOperation | Refusal {
  const operations: OperationDefinitionNode[] = [];
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    else if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else return refuse('GRAPHQL_VALIDATION_FAILED', 'Only operations and fragments may be sent.');
  }
  const operation = operationName
    ? operations.find((candidate) => candidate.name?.value === operationName)
    : operations.length === 1
      ? operations[0]
      : undefined;
  if (!operation) return unresolved(operations, operationName);
  if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
    return refuse('OPERATION_NOT_SUPPORTED', 'Subscriptions are not served yet.');
  }
  return { ok: true, document, operation, fragments };
}

function unresolved(operations: readonly OperationDefinitionNode[], operationName: string | undefined): Refusal {
  const names = operations.map((operation) => operation.name?.value ?? '(unnamed)').join(', ');
  const more = operationName
    ? `There is no operation named "${operationName}"; the text has: ${names || 'none'}.`
    : operations.length === 0
      ? 'The text has no operation.'
      : `The text has several (${names}): name one in operationName.`;
  return refuse('OPERATION_RESOLUTION_FAILURE', more);
}
