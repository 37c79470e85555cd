import { refuse, type Refusal } from '../errors.ts';
import type { RequestParameters } from '../message.ts';

/** Parameters that were read from a request. */
export interface ReadParameters {
  ok: true;
  parameters: RequestParameters;
  /** SHA-256 of the operation's text, in hex, by which the request names it; the text itself may then be empty. */
  persistedSha256: string | undefined;
}

/** Reads the parameters from a POST body (GraphQL over HTTP, section 5.4). */
export function readBody(text: string): ReadParameters | Refusal {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return refuse('BAD_REQUEST', `The body is not valid JSON: ${(error as Error).message}`);
  }
  if (Array.isArray(body)) return refuse('BAD_REQUEST', 'Batches of operations are not served; send one object.');
  if (!isObject(body)) return refuse('BAD_REQUEST', 'The body must be a JSON object with a "query".');
  return checkParameters(body);
}

/** Reads the parameters from a GET's query string (GraphQL over HTTP, section 5.3). */
export function readQueryString(query: Readonly<Record<string, unknown>>): ReadParameters | Refusal {
  const parameters: Record<string, unknown> = { ...query };
  for (const name of ['variables', 'extensions']) {
    const text = parameters[name];
    if (typeof text !== 'string') continue;
    try {
      parameters[name] = JSON.parse(text);
    } catch {
      return refuse('BAD_REQUEST', `The parameter "${name}" is not valid JSON.`);
    }
  }
  return checkParameters(parameters);
}

function checkParameters({
  query,
  operationName,
  variables,
  extensions,
}: Record<string, unknown>): ReadParameters | Refusal {
  const persisted = isObject(extensions) ? readPersisted(extensions['persistedQuery']) : undefined;
  if (typeof persisted === 'object') return persisted;
  const text = isGiven(query) ? query : '';
  if (typeof text !== 'string' || (text === '' && persisted === undefined))
    return refuse('BAD_REQUEST', 'It needs a "query": the text of an operation.');
  if (isGiven(operationName) && typeof operationName !== 'string')
    return refuse('BAD_REQUEST', '"operationName" must be a string.');
  if (isGiven(variables) && !isObject(variables)) return refuse('BAD_REQUEST', '"variables" must be an object.');
  if (isGiven(extensions) && !isObject(extensions)) return refuse('BAD_REQUEST', '"extensions" must be an object.');
  return {
    ok: true,
    persistedSha256: persisted,
    parameters: {
      query: text,
      operationName: typeof operationName === 'string' && operationName !== '' ? operationName : undefined,
      variables: isObject(variables) ? variables : undefined,
      extensions: isObject(extensions) ? extensions : undefined,
    },
  };
}

/** The hash by which a client names an operation; undefined where it does not. */
function readPersisted(persisted: unknown): string | undefined | Refusal {
  if (!isGiven(persisted)) return undefined;
  const { version, sha256Hash } = persisted as { version?: unknown; sha256Hash?: unknown };
  if (version !== 1) return refuse('PERSISTED_QUERY_NOT_SUPPORTED');
  if (typeof sha256Hash === 'string' && /^[0-9a-f]{64}$/i.test(sha256Hash)) return sha256Hash.toLowerCase();
  return refuse('BAD_REQUEST', '"extensions.persistedQuery.sha256Hash" must be a SHA-256 in hex.');
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
