import type { FetchDataRewrite } from '@apollo/query-planner';
import { ERROR_CATALOGUE, GatewayFault, type AnswerError, type ErrorCode } from '../errors.ts';
import type { DataObject } from './data.ts';
import type { SubgraphError } from './response.ts';
import { findPositions, type Position, type TargetPath } from './targets.ts';

/** What turning a subgraph's errors into the client's depends on. */
export interface ErrorContext {
  service: string;
  /** Where the fetch's objects are in the data. */
  targetPath: TargetPath;
  /** Response names of the root fields a fetch asks for; empty for a fetch of entities. */
  rootKeys: readonly string[];
  /** Whether the subgraph's own messages are replaced by the catalogue's text. */
  maskErrors: boolean;
}

/**
 * One failed fetch may have been for thousands of places in the answer. Each place gets its error, so that a client can
 * tell an unknown value from an empty one, but no more than this: the answer must not grow by a department's failure.
 */
export const MAX_ERRORS_PER_FETCH = 100;

/** Extensions of a subgraph's error that describe its insides. */
const PRIVATE_EXTENSIONS = new Set(['stacktrace', 'exception', 'debugMessage', 'trace']);

/** Whether a fetch failed in a way that leaves the rest of the answer standing. */
export function isFetchFault(error: unknown): error is GatewayFault {
  return error instanceof GatewayFault && error.code.startsWith('SUBREQUEST_');
}

/** Compiles what a fetch's output rewrites mean for the paths of its errors: the names they change are the planner's own. */
export function compileErrorRewrites(
  rewrites: readonly FetchDataRewrite[] | undefined,
): (errors: readonly SubgraphError[]) => readonly SubgraphError[] {
  const renamed = new Map<string | number, string>();
  for (const rewrite of rewrites ?? [])
    if (rewrite.kind === 'KeyRenamer') renamed.set(rewrite.path.at(-1)!, rewrite.renameKeyTo);
  if (renamed.size === 0) return (errors) => errors;
  return (errors) =>
    errors.map((error) =>
      error.path ? { ...error, path: error.path.map((element) => renamed.get(element) ?? element) } : error,
    );
}

/** The subgraph gave no answer: one error for each place that the fetch was for. */
export function faultErrors(
  fault: GatewayFault,
  data: DataObject,
  indexOf: ReadonlyMap<DataObject, number> | undefined,
  context: ErrorContext,
): AnswerError[] {
  const positions = findPositions(data, context.targetPath);
  const asked = indexOf ? positions.filter(({ object }) => indexOf.has(object)) : positions;
  const message = messageOf(fault.code, context.service);
  const extensions = { code: fault.code, service: context.service };
  const paths =
    context.rootKeys.length > 0
      ? asked.flatMap(({ path }) => context.rootKeys.map((key) => [...path, key]))
      : asked.map(({ path }) => path);
  return paths.slice(0, MAX_ERRORS_PER_FETCH).map((path) => ({ message, path, extensions }));
}

/** Errors of a fetch of root fields: their paths are the client's below each object they were asked for. */
export function rootErrors(errors: readonly SubgraphError[], data: DataObject, context: ErrorContext): AnswerError[] {
  if (errors.length === 0) return [];
  const positions = findPositions(data, context.targetPath);
  return errors
    .flatMap((error) => positions.map(({ path }) => clientError(error, [...path, ...(error.path ?? [])], context)))
    .slice(0, MAX_ERRORS_PER_FETCH);
}

/** Errors of a fetch of entities: `_entities, 3, name` is the field `name` wherever the client asked for that entity. */
export function entityErrors(
  errors: readonly SubgraphError[],
  data: DataObject,
  indexOf: ReadonlyMap<DataObject, number>,
  context: ErrorContext,
): AnswerError[] {
  if (errors.length === 0) return [];
  const positions = findPositions(data, context.targetPath).filter(({ object }) => indexOf.has(object));
  const result: AnswerError[] = [];
  for (const error of errors) {
    for (const path of entityPaths(error, positions, indexOf)) {
      if (result.length === MAX_ERRORS_PER_FETCH) return result;
      result.push(clientError(error, path, context));
    }
  }
  return result;
}

function entityPaths(
  error: SubgraphError,
  positions: readonly Position[],
  indexOf: ReadonlyMap<DataObject, number>,
): (string | number)[][] {
  const [root, index, ...rest] = error.path ?? [];
  if (root !== '_entities' || typeof index !== 'number') return positions.map(({ path }) => path);
  return positions.filter(({ object }) => indexOf.get(object) === index).map(({ path }) => [...path, ...rest]);
}

function clientError(error: SubgraphError, path: (string | number)[], context: ErrorContext): AnswerError {
  const given = error.extensions?.['code'];
  const code = typeof given === 'string' && given !== '' ? given : 'DOWNSTREAM_SERVICE_ERROR';
  const message = context.maskErrors ? messageOf('DOWNSTREAM_SERVICE_ERROR', context.service) : error.message;
  const kept = context.maskErrors ? {} : publicExtensions(error.extensions);
  return { message, ...(path.length > 0 ? { path } : {}), extensions: { ...kept, code, service: context.service } };
}

function publicExtensions(extensions: SubgraphError['extensions']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(extensions ?? {}).filter(([key]) => !PRIVATE_EXTENSIONS.has(key)));
}

/** The catalogue speaks of "the department"; here its name is known. */
function messageOf(code: ErrorCode, service: string): string {
  return ERROR_CATALOGUE[code].text.replace('The department', `Department ${service}`);
}
