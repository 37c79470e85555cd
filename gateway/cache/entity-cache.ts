import { createHash } from 'node:crypto';
import type { GraphQLSchema } from 'graphql';
import { ERROR_CATALOGUE, GatewayFault } from '../errors.ts';
import type { Fetcher, FetchTemplate, SubgraphRequest, SubgraphResponse } from '../execute/fetcher.ts';
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
  return async (request, signal) => {
    const { ttlMs, keyStart } = describe(request.template);
    if (ttlMs === 0) return fetcher(request, signal);
    const keys = request.representations.map((text) => `${keyStart}:${digest(request.variablesText, text)}`);
    const known = await store.getMany(keys);
    const missing = keys.flatMap((_, index) => (known[index] === undefined ? [index] : []));
    const entities: unknown[] = known.map((text) => (text === undefined ? null : JSON.parse(text)));
    if (missing.length === 0) return { data: { _entities: entities }, errors: [] };
    const rest = { ...request, representations: missing.map((index) => request.representations[index]!) };
    const response =
      missing.length === keys.length ? await fetcher(rest, signal) : await fetchRest(fetcher, rest, signal);
    const fetched = entitiesOf(response, missing.length);
    if (!fetched) return withKnown(response, entities, missing);
    missing.forEach((index, position) => (entities[index] = fetched[position]));
    const good = withoutErrors(response, missing);
    // Not waited for: the answer need not be slower for being remembered.
    void store.setMany(good.map((index) => ({ key: keys[index]!, value: JSON.stringify(entities[index]), ttlMs })));
    return withKnown(response, entities, missing);
  };
}

/** A department that is down takes nothing away that is remembered: only the rest is missing, each with its error. */
async function fetchRest(fetcher: Fetcher, rest: SubgraphRequest, signal: AbortSignal): Promise<SubgraphResponse> {
  try {
    return await fetcher(rest, signal);
  } catch (error) {
    if (!(error instanceof GatewayFault)) throw error;
    const { text } = ERROR_CATALOGUE[error.code];
    const errors = rest.representations.map((_, index) => ({
      message: text,
      path: ['_entities', index],
      extensions: { code: error.code },
    }));
    return { data: null, errors };
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

/** Indices, among all asked for, of the fetched entities that no error is about. */
function withoutErrors({ errors }: SubgraphResponse, missing: readonly number[]): number[] {
  const wrong = new Set<number>();
  for (const { path } of errors) {
    // An error that names no entity may be about any of them.
    if (path?.[0] !== '_entities' || typeof path[1] !== 'number') return [];
    wrong.add(path[1]);
  }
  return missing.filter((_, position) => !wrong.has(position));
}

/** The answer as if everything had been asked for: all entities, and error paths that count among all. */
function withKnown(response: SubgraphResponse, entities: unknown[], missing: readonly number[]): SubgraphResponse {
  const errors = response.errors.map((error) => {
    const [root, index, ...rest] = error.path ?? [];
    if (root !== '_entities' || typeof index !== 'number') return error;
    return { ...error, path: [root, missing[index] ?? index, ...rest] };
  });
  return { data: { _entities: entities }, errors };
}
