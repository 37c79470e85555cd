import { hash } from 'node:crypto';
import { refuse, type Refusal } from '../errors.ts';
import type { AnswerMessage, RequestParameters } from '../message.ts';
import type { ReadParameters } from './parameters.ts';

/** Texts of operations by their SHA-256, in hex. */
export interface PersistedQueries {
  /** What is known at once comes without a promise. */
  find(sha256: string): string | undefined | Promise<string | undefined>;
  /** Keeps a text that has this hash. */
  keep(sha256: string, text: string): void;
}

/**
 * The parameters with the text of the operation, also where a request only names it
 * (automatic persisted queries, https://www.apollographql.com/docs/apollo-server/performance/apq).
 *
 * @param queries absent: a request that only names its operation is refused
 */
export function withText(
  { parameters, persistedSha256: sha256 }: ReadParameters,
  queries: PersistedQueries | undefined,
): RequestParameters | Refusal | Promise<RequestParameters | Refusal> {
  if (sha256 === undefined) return parameters;
  if (parameters.query !== '') {
    const isRight = !queries || hash('sha256', parameters.query) === sha256;
    return isRight ? parameters : refuse('PERSISTED_QUERY_HASH_MISMATCH');
  }
  if (!queries) return refuse('PERSISTED_QUERY_NOT_SUPPORTED');
  const withFound = (query: string | undefined): RequestParameters | Refusal =>
    query === undefined ? refuse('PERSISTED_QUERY_NOT_FOUND') : { ...parameters, query };
  const found = queries.find(sha256);
  return found instanceof Promise ? found.then(withFound) : withFound(found);
}

/** Keeps the text of a request that brought it together with its hash, where it could be run: nobody fills the memory with what is no operation. */
export function keepText(
  { parameters: { query }, persistedSha256: sha256 }: ReadParameters,
  answer: AnswerMessage,
  queries: PersistedQueries | undefined,
): void {
  const wasRun = 'dataText' in answer || answer.data !== undefined;
  if (sha256 !== undefined && query !== '' && wasRun) queries?.keep(sha256, query);
}
