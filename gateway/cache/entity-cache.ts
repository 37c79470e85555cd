import { createHash } from 'node:crypto';
import type { GraphQLSchema } from 'graphql';
import type { Deadline } from '../deadline.ts';
import { ERROR_CATALOGUE, GatewayFault } from '../errors.ts';
import {
  jsonBody,
  type Fetcher,
  type FetchTemplate,
  type SubgraphAnswer,
  type SubgraphRequest,
} from '../execute/fetcher.ts';
import { readResponse, type SubgraphError, type SubgraphResponse } from '../execute/response.ts';
import type { CacheHints } from '../supergraph/cache-hints.ts';
import { entityMaxAgeSeconds } from './max-age.ts';
import type { CacheStore } from './store.ts';

export interface EntityCacheOptions {
  store: CacheStore;
  hints: CacheHints;
  schema: GraphQLSchema;
  /** Binds what is remembered to the schema it was answered under. */
  supergraphHash: string;
}

interface CachedTemplate {
  ttlMs: number;
  /** What all keys of the template begin with. */
  keyStart: string;
}

/**
 * Puts a cache of entities in front of a fetcher: what is known is not asked for again, what is not known is asked for
 * in one request. An entity that came with an error is not remembered.
 */
export function cacheEntities(fetcher: Fetcher, { store, hints, schema, supergraphHash }: EntityCacheOptions): Fetcher {
  const templates = new WeakMap<FetchTemplate, CachedTemplate>();
  const describe = (template: FetchTemplate): CachedTemplate => {
    let known = templates.get(template);
    if (!known) {
      const ttlMs = entityMaxAgeSeconds(template, hints, schema) * 1_000;
      known = {
        ttlMs,
        keyStart: `switchyard:entity:${template.service}:${digest(supergraphHash, withoutName(template))}`,
      };
      templates.set(template, known);
    }
    return known;
  };
  return async (request, deadline) => {
    const { ttlMs, keyStart } = describe(request.template);
    if (ttlMs === 0) return fetcher(request, deadline);
    const keys = request.representations.map((text) => `${keyStart}:${digest(request.variablesText, text)}`);
    const known = await store.getMany(keys);
    const missing = keys.flatMap((_, index) => (known[index] === undefined ? [index] : []));
    if (missing.length === 0) return { ...entitiesAnswer(known as string[], []), remembered: keys.length };
    const rest = { ...request, representations: missing.map((index) => request.representations[index]!) };
    const isPartial = missing.length < keys.length;
    const answer = isPartial ? await fetchRest(fetcher, rest, deadline) : await fetcher(rest, deadline);
    const response = readResponse(answer, request.template.service);
    const fetched = entitiesOf(response, missing.length)?.map((entity) => JSON.stringify(entity));
    const good = fetched ? withoutErrors(response, missing) : [];
    const entries = good.map((position) => ({ key: keys[missing[position]!]!, value: fetched![position]!, ttlMs }));
    // Not waited for: the answer need not be slower for being remembered.
    void store.setMany(entries);
    if (!isPartial) return answer;
    return { ...withKnown(response, fetched, known, missing), remembered: keys.length - missing.length };
  };
}

/** A department that is down takes nothing away that is remembered: only the rest is missing, each with its error. */
async function fetchRest(fetcher: Fetcher, rest: SubgraphRequest, deadline: Deadline): Promise<SubgraphAnswer> {
  try {
    return await fetcher(rest, deadline);
  } catch (error) {
    if (!(error instanceof GatewayFault)) throw error;
    const { text } = ERROR_CATALOGUE[error.code];
    const errors = rest.representations.map((_, index) => ({
      message: text,
      path: ['_entities', index],
      extensions: { code: error.code },
    }));
    return { httpStatus: 200, body: jsonBody(JSON.stringify({ data: null, errors })) };
  }
}

/** Operation names are for the subgraph's own telemetry; the same question has the same answer under any name. */
function withoutName({ query, operationName }: FetchTemplate): string {
  return operationName ? query.replace(operationName, '') : query;
}

function digest(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('base64url');
}

function entitiesOf(response: SubgraphResponse, expected: number): unknown[] | undefined {
  const entities = response.data?.['_entities'];
  return Array.isArray(entities) && entities.length === expected ? (entities as unknown[]) : undefined;
}

/** Positions, among the fetched entities, that no error is about. */
function withoutErrors({ errors }: SubgraphResponse, missing: readonly number[]): number[] {
  const wrong = new Set<number>();
  for (const { path } of errors) {
    // An error that names no entity may be about any of them.
    if (path?.[0] !== '_entities' || typeof path[1] !== 'number') return [];
    wrong.add(path[1]);
  }
  return missing.flatMap((_, position) => (wrong.has(position) ? [] : [position]));
}

/** The answer as if everything had been asked for: all entities, and error paths that count among all. */
function withKnown(
  response: SubgraphResponse,
  fetched: readonly string[] | undefined,
  known: readonly (string | undefined)[],
  missing: readonly number[],
): SubgraphAnswer {
  const entities = known.map((text) => text ?? 'null');
  missing.forEach((index, position) => (entities[index] = fetched?.[position] ?? 'null'));
  const errors = response.errors.map((error) => {
    const [root, index, ...rest] = error.path ?? [];
    if (root !== '_entities' || typeof index !== 'number') return error;
    return { ...error, path: [root, missing[index] ?? index, ...rest] };
  });
  return entitiesAnswer(entities, errors);
}

function entitiesAnswer(entities: readonly string[], errors: readonly SubgraphError[]): SubgraphAnswer {
  const end = errors.length > 0 ? `,"errors":${JSON.stringify(errors)}}` : '}';
  return { httpStatus: 200, body: jsonBody(`{"data":{"_entities":[${entities.join(',')}]}${end}`) };
}
