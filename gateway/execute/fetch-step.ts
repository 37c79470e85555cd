import type { FetchNode, QueryPlanSelectionNode, ResponsePath } from '@apollo/query-planner';
import { isNonNullType, Kind, type OperationTypeNode } from 'graphql';
import { GatewayFault, type AnswerError } from '../errors.ts';
import type { GuardedFetchNode } from '../plan/guards.ts';
import { compileGroups, type TargetGroup } from './context-arguments.ts';
import type { CompileContext, Execution, Step } from './execution.ts';
import { isDataObject, mergeInto, type DataObject } from './data.ts';
import {
  compileErrorRewrites,
  entityErrors,
  faultErrors,
  isFetchFault,
  MAX_ERRORS_PER_FETCH,
  rootErrors,
  type ErrorContext,
} from './fetch-errors.ts';
import { compileVariables, fetchTemplate } from './fetch-template.ts';
import { compileGuard } from './guard.ts';
import type { FetchTemplate, SubgraphRequest } from './fetcher.ts';
import { readResponse, type SubgraphResponse } from './response.ts';
import { compilePartialRepresentation, type PartialBuilder } from './partial-representations.ts';
import { compileRepresentation, type RepresentationBuilder } from './representations.ts';
import { compileRewrites } from './rewrites.ts';
import { namesOfInterfaces } from './type-names.ts';
import { compileTargetPath, findTargets } from './targets.ts';
import { isTolerantFetch } from './tolerant-fetch.ts';
import { addUnfilled, noteUnfilled, noteUnfilledEntities, requiresUnfilled } from './unfilled.ts';

/** Compiles a fetch of root fields. Below the root it serves objects whose fields are those of the root type. */
export function compileRootFetch(node: FetchNode, path: ResponsePath, context: CompileContext): Step {
  const template = fetchTemplate(node, path);
  const variablesText = compileVariables(node);
  const targetPath = compileTargetPath(path, context.schema);
  const rewrite = compileRewrites(node.outputRewrites, context.schema);
  const rewriteErrors = compileErrorRewrites(node.outputRewrites);
  const interfaceNames = namesOfInterfaces(context.schema);
  const errorContext: ErrorContext = {
    service: node.serviceName,
    targetPath,
    rootKeys: rootKeys(template),
    maskErrors: context.maskErrors,
  };
  const keys = dataKeys(errorContext.rootKeys, node.outputRewrites);
  const endsAll = node.operationKind === 'mutation' && hasNonNullField(template, context);
  return async (execution) => {
    const targets = findTargets(execution.data, targetPath);
    if (targets.length === 0) return;
    const request = { template, variablesText: variablesText(execution.variables), representations: [] };
    const { response, errors } = await ask(execution, request, errorContext);
    execution.errors.push(...errors);
    // A null that reaches the root ends a mutation: what comes after it is not run (GraphQL specification, section 6.4.4).
    if (endsAll && !response?.data) execution.isOver = true;
    if (!response) return;
    const { data: given } = response;
    const subgraphErrors = rewriteErrors(response.errors);
    execution.errors.push(...rootErrors(subgraphErrors, execution.data, errorContext));
    if (given) rewrite(given);
    const paths = subgraphErrors.map(({ path: at = [] }) => at);
    for (const object of targets) {
      if (given) mergeInto(object, context.sharesObjects ? given : structuredClone(given), interfaceNames);
      noteUnfilled(execution.unfilled, { object, given, paths, keys });
    }
  };
}

/** Compiles a fetch of entities: every entity at the path is asked for once, however often it occurs. */
export function compileEntityFetch(
  node: GuardedFetchNode,
  requires: readonly QueryPlanSelectionNode[],
  path: ResponsePath,
  context: CompileContext,
): Step {
  const findGroups = compileGroups(node, path, context.schema);
  const represent = compileEntities(node, requires, context);
  const admits = node.guard && compileGuard(node.guard, context);
  const mergeEntities = compileMerge(node, context);
  const rewriteErrors = compileErrorRewrites(node.outputRewrites);
  const errorContext: ErrorContext = {
    service: node.serviceName,
    targetPath: compileTargetPath(path, context.schema),
    rootKeys: [],
    maskErrors: context.maskErrors,
  };
  const keys = entityKeys(fetchTemplate(node, path), node);
  const fetchGroup = async (
    execution: Execution,
    { template, variablesText, targets }: TargetGroup,
  ): Promise<AnswerError[]> => {
    const admitted = admits ? targets.filter((target) => admits(target, execution)) : targets;
    const { representations, indexOf } = collectEntities(admitted, (target) => represent(target, execution));
    for (const target of admitted)
      if (!indexOf.has(target) && requiresUnfilled(target, requires, execution.unfilled))
        addUnfilled(execution.unfilled, target, keys);
    if (representations.length === 0) return [];
    const request = { template, variablesText, representations };
    const { response, errors } = await ask(execution, request, errorContext, indexOf);
    if (!response) {
      for (const target of indexOf.keys()) addUnfilled(execution.unfilled, target, keys);
      return errors;
    }
    const entities = response.data?.['_entities'];
    const isWhole = Array.isArray(entities) && entities.length === representations.length;
    if (isWhole) mergeEntities(indexOf, entities);
    else if (response.errors.length === 0)
      return faultErrors(wrongEntities(node.serviceName), execution.data, indexOf, errorContext);
    const subgraphErrors = rewriteErrors(response.errors);
    const answered = { entities: isWhole ? entities : [], errors: subgraphErrors, keys };
    noteUnfilledEntities(execution.unfilled, indexOf, answered);
    return entityErrors(subgraphErrors, execution.data, indexOf, errorContext);
  };
  return async (execution) => {
    const errors = await Promise.all(findGroups(execution).map((group) => fetchGroup(execution, group)));
    execution.errors.push(...errors.flat().slice(0, MAX_ERRORS_PER_FETCH));
  };
}

/** Representations are whole, or what there is of them where all that is asked for tolerates that something is missing. */
function compileEntities(
  node: FetchNode,
  requires: readonly QueryPlanSelectionNode[],
  { schema, access, entityKeys, tolerantFields }: CompileContext,
): PartialBuilder {
  if (!isTolerantFetch(fetchTemplate(node, []), tolerantFields))
    return compileRepresentation(requires, node.inputRewrites, schema);
  const keyNames = (typeName: string): ReadonlySet<string> => new Set((entityKeys.get(typeName) ?? []).flat());
  return compilePartialRepresentation(requires, node.inputRewrites, { schema, access, keyNames });
}

interface CollectedEntities {
  /** Each entity's JSON text, none twice. */
  representations: string[];
  /** Which representation stands for an object of the data. */
  indexOf: Map<DataObject, number>;
}

function collectEntities(targets: readonly DataObject[], represent: RepresentationBuilder): CollectedEntities {
  const representations: string[] = [];
  const known = new Map<string, number>();
  const indexOf = new Map<DataObject, number>();
  for (const target of targets) {
    if (indexOf.has(target)) continue;
    const representation = represent(target);
    if (!representation) continue;
    const text = JSON.stringify(representation);
    let index = known.get(text);
    if (index === undefined) {
      index = representations.push(text) - 1;
      known.set(text, index);
    }
    indexOf.set(target, index);
  }
  return { representations, indexOf };
}

/** Which entity is which can only be told by their order. */
function wrongEntities(service: string): GatewayFault {
  return new GatewayFault(
    'SUBREQUEST_MALFORMED_RESPONSE',
    `Subgraph ${service} gave other entities than it was asked for.`,
  );
}

/** Compiles how a fetch's entities get to the objects they are for. */
function compileMerge(
  { outputRewrites }: FetchNode,
  { schema, sharesObjects }: CompileContext,
): (indexOf: ReadonlyMap<DataObject, number>, entities: readonly unknown[]) => void {
  const rewrite = compileRewrites(outputRewrites, schema);
  const interfaceNames = namesOfInterfaces(schema);
  return (indexOf, entities) => {
    for (const entity of entities) if (isDataObject(entity)) rewrite(entity);
    for (const [target, index] of indexOf) {
      const entity = entities[index];
      if (isDataObject(entity)) mergeInto(target, sharesObjects ? entity : structuredClone(entity), interfaceNames);
    }
  };
}

/** Asks the subgraph; a fault becomes errors of the answer, and the rest of the plan goes on. */
async function ask(
  { fetcher, deadline, data }: Execution,
  request: SubgraphRequest,
  errorContext: ErrorContext,
  indexOf?: ReadonlyMap<DataObject, number>,
): Promise<{ response: SubgraphResponse | undefined; errors: AnswerError[] }> {
  try {
    return { response: readResponse(await fetcher(request, deadline), errorContext.service), errors: [] };
  } catch (error) {
    if (!isFetchFault(error)) throw error;
    return { response: undefined, errors: faultErrors(error, data, indexOf, errorContext) };
  }
}

/** Response names of a fetch's root fields. */
export function rootKeys({ selectionSet, fragments }: Pick<FetchTemplate, 'selectionSet' | 'fragments'>): string[] {
  return selectionSet.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD)
      return selection.name.value === '__typename' ? [] : [(selection.alias ?? selection.name).value];
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    return fragment ? rootKeys({ selectionSet: fragment.selectionSet, fragments }) : [];
  });
}

/** Data keys of what a fetch asks for of its entities, the type's name among them. */
function entityKeys({ selectionSet, fragments }: FetchTemplate, { outputRewrites }: FetchNode): string[] {
  const [entities] = selectionSet.selections;
  const inner = entities?.kind === Kind.FIELD ? entities.selectionSet : undefined;
  return ['__typename', ...(inner ? dataKeys(rootKeys({ selectionSet: inner, fragments }), outputRewrites) : [])];
}

/** Response names of a fetch with the names that its rewrites give them. */
function dataKeys(keys: readonly string[], rewrites: FetchNode['outputRewrites'] = []): string[] {
  return [...keys, ...rewrites.flatMap((each) => (each.kind === 'KeyRenamer' ? [each.renameKeyTo] : []))];
}

/** Whether one of a fetch's root fields may not be null. */
function hasNonNullField({ operationKind, selectionSet }: FetchTemplate, { schema }: CompileContext): boolean {
  const fields = schema.getRootType(operationKind as OperationTypeNode)?.getFields() ?? {};
  return selectionSet.selections.some(
    (node) => node.kind === Kind.FIELD && isNonNullType(fields[node.name.value]?.type),
  );
}
