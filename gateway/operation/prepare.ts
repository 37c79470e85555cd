import { createHash, hash } from 'node:crypto';
import { OperationTypeNode, type FragmentDefinitionNode, type OperationDefinitionNode } from 'graphql';
import type { Refusal } from '../errors.ts';
import type { RequestParameters } from '../message.ts';
import { conditionVariables } from './conditions.ts';
import { assignDataKeys, type DataKeyContext, type DataKeys } from './data-keys.ts';
import { checkLimits, type OperationLimits } from './limits.ts';
import { parseOperation } from './parse.ts';
import { takePurpose, type StatedArgument } from './purpose.ts';
import { validateDocument } from './validate.ts';
import { variableCoercion, type CoerceVariables } from './variables.ts';

/** An operation that has passed every check that does not depend on its variables' values. */
export interface PreparedOperation {
  ok: true;
  /** SHA-256 of text and operation name, in hex: the same for the same operation in every process. */
  fingerprint: string;
  /** SHA-256 of the text alone, in hex: what the trail knows it by. */
  textHash: string;
  name: string | undefined;
  isMutation: boolean;
  /** What the operation itself says it is for. */
  purpose: readonly StatedArgument[] | undefined;
  /** Without `@purpose`. */
  operation: OperationDefinitionNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Names of the fields in what departments are asked, and in the merged data. */
  dataKeys: DataKeys;
  /** Variables that `@skip` and `@include` depend on: what the operation amounts to differs by them alone. */
  conditionVariables: readonly string[];
  coerceVariables: CoerceVariables;
}

export interface PrepareOptions {
  limits: OperationLimits;
  /** Whether `__schema` and `__type` may be asked. */
  introspection: boolean;
}

/** Text to operation: parse, limits, validate. The outcome is the same each time and may be remembered. */
export function prepareOperation(
  { query, operationName }: RequestParameters,
  context: DataKeyContext,
  { limits, introspection }: PrepareOptions,
): PreparedOperation | Refusal {
  const parsed = parseOperation(query, operationName, limits.maxTokens);
  if (!parsed.ok) return parsed;
  const { document, operation, fragments } = parsed;
  const refusal =
    checkLimits(operation, fragments, limits) ?? validateDocument(context.apiSchema, parsed, introspection);
  if (refusal) return refusal;
  return {
    ok: true,
    fingerprint: fingerprint(query, operationName),
    textHash: hash('sha256', query),
    name: operation.name?.value,
    isMutation: operation.operation === OperationTypeNode.MUTATION,
    ...takePurpose(operation, context.apiSchema),
    fragments,
    dataKeys: assignDataKeys(document, context),
    conditionVariables: conditionVariables(document),
    coerceVariables: variableCoercion(operation.variableDefinitions ?? [], context.apiSchema),
  };
}

function fingerprint(query: string, operationName: string | undefined): string {
  return createHash('sha256')
    .update(operationName ?? '')
    .update('\0')
    .update(query)
    .digest('hex');
}
