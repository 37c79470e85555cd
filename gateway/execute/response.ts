import { GatewayFault } from '../errors.ts';
import { bodyText, type SubgraphAnswer } from './fetcher.ts';

/** An error as a subgraph gave it: checked to be an object with a message, and no further. */
export interface SubgraphError {
  message: string;
  path?: readonly (string | number)[];
  extensions?: Readonly<Record<string, unknown>>;
}

/** A subgraph's answer, checked to be a GraphQL response. */
export interface SubgraphResponse {
  data: Record<string, unknown> | null;
  errors: readonly SubgraphError[];
}

/**
 * Reads a subgraph's answer. A well-formed GraphQL response counts whatever the status is: many servers answer errors
 * with 400 or 500 and say in the body what was wrong.
 *
 * @throws GatewayFault SUBREQUEST_MALFORMED_RESPONSE, or SUBREQUEST_HTTP_ERROR where the status already says that it failed
 */
export function readResponse({ httpStatus, body: answered }: SubgraphAnswer, service: string): SubgraphResponse {
  const body = parseJson(bodyText(answered));
  if (!isObject(body) || !('data' in body || 'errors' in body))
    throw malformed(httpStatus, service, 'neither data nor errors');
  const { data = null, errors = [] } = body;
  if (data !== null && !isObject(data)) throw malformed(httpStatus, service, 'data is not an object');
  if (!Array.isArray(errors)) throw malformed(httpStatus, service, 'errors is not a list');
  if (data === null && errors.length === 0) throw malformed(httpStatus, service, 'data is null and no error says why');
  return { data, errors: errors.map(toError) };
}

function malformed(httpStatus: number, service: string, reason: string): GatewayFault {
  const code = httpStatus >= 200 && httpStatus < 300 ? 'SUBREQUEST_MALFORMED_RESPONSE' : 'SUBREQUEST_HTTP_ERROR';
  return new GatewayFault(code, `Subgraph ${service} answered HTTP ${httpStatus}: ${reason}.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toError(error: unknown): SubgraphError {
  if (!isObject(error)) return { message: 'The department reported an error without a message.' };
  const { message, path, extensions } = error;
  return {
    message: typeof message === 'string' ? message : 'The department reported an error without a message.',
    ...(isPath(path) ? { path } : {}),
    ...(isObject(extensions) ? { extensions } : {}),
  };
}

function isPath(path: unknown): path is (string | number)[] {
  return Array.isArray(path) && path.every((element) => typeof element === 'string' || typeof element === 'number');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
