import type { DocumentNode } from 'graphql';
import { readJoinedDirectives } from './joined-directives.ts';

/**
 * What answers are tagged with, by `@cacheTag(format:)`: formats by the subgraph's name, then by `Type` of entities or `Query.field`.
 * @see https://www.apollographql.com/docs/graphos/routing/performance/caching/response-caching/invalidation
 */
export type CacheTags = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** By which name composition hands the directive on where a subgraph imports it, and where it defines it. */
const NAMES = ['federation__cacheTag', 'cacheTag'];

/** Reads what subgraphs tag. */
export function readCacheTags(supergraph: DocumentNode): CacheTags {
  const tags = new Map<string, Map<string, string[]>>();
  for (const { subgraph, element, args } of NAMES.flatMap((name) => readJoinedDirectives(supergraph, name))) {
    const { format } = args;
    if (typeof format !== 'string') continue;
    const ofSubgraph = tags.get(subgraph) ?? new Map<string, string[]>();
    ofSubgraph.set(element, [...(ofSubgraph.get(element) ?? []), format]);
    tags.set(subgraph, ofSubgraph);
  }
  return tags;
}
