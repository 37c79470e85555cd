import type { FetchNode, ResponsePath } from '@apollo/query-planner';
import { Kind, parse, type FragmentDefinitionNode, type OperationDefinitionNode } from 'graphql';
import { GatewayFault } from '../errors.ts';
import { clientVariable } from '../operation/normalise.ts';
import type { FetchTemplate } from './fetcher.ts';

const templates = new WeakMap<FetchNode, FetchTemplate>();

/**
 * The template of a fetch: the same object each time it is asked for, whoever runs the plan.
 * @param path where the plan has it
 */
export function fetchTemplate(node: FetchNode, path: ResponsePath): FetchTemplate {
  let template = templates.get(node);
  if (!template) templates.set(node, (template = makeTemplate(node, path)));
  return template;
}

function makeTemplate(node: FetchNode, path: ResponsePath): FetchTemplate {
  const operationName = node.operationName ? `,"operationName":${JSON.stringify(node.operationName)}` : '';
  const { operation, fragments } = parseSubgraphOperation(node.operation);
  return {
    service: node.serviceName,
    operationKind: node.operationKind,
    operationName: node.operationName,
    query: node.operation,
    selectionSet: operation.selectionSet,
    fragments,
    bodyStart: `{"query":${JSON.stringify(node.operation)}${operationName},"variables":`,
    isEntityFetch: node.requires !== undefined,
    path,
  };
}

function parseSubgraphOperation(text: string) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operation: OperationDefinitionNode | undefined;
  for (const definition of parse(text, { noLocation: true }).definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operation = definition;
    else if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  if (!operation) throw new GatewayFault('PLANNING_FAILED', `The plan has a fetch without an operation: ${text}`);
  return { operation, fragments };
}

/**
 * Compiles the text of a fetch's variables, but for the representations. Only variables that were given, or have a default, are passed on: absent and null are not the same.
 */
export function compileVariables({
  variableUsages = [],
}: FetchNode): (variables: Readonly<Record<string, unknown>>) => string {
  const names = variableUsages.filter((name) => name !== 'representations');
  if (names.length === 0) return () => '';
  const members = names.map((name) => [clientVariable(name), `${JSON.stringify(name)}:`] as const);
  return (variables) => {
    const given: string[] = [];
    for (const [name, start] of members) {
      const value = variables[name];
      if (value !== undefined) given.push(start + JSON.stringify(value));
    }
    return given.join(',');
  };
}
