import type { DocumentNode } from 'graphql';
import { readJoinedDirectives } from './joined-directives.ts';

/**
 * `@cacheControl` as a subgraph declares it on a type or field.
 * @see https://www.apollographql.com/docs/apollo-server/performance/caching
 */
export interface CacheHint {
  maxAgeSeconds?: number;
  scope?: 'PUBLIC' | 'PRIVATE';
  /** The field takes its parent's max age. */
  inheritMaxAge?: boolean;
}

/** Hints of every subgraph, by the subgraph's name, then `Type` or `Type.field`. */
export type CacheHints = ReadonlyMap<string, ReadonlyMap<string, CacheHint>>;

/** Reads what subgraphs said of caching. */
export function readCacheHints(supergraph: DocumentNode): CacheHints {
  const hints = new Map<string, Map<string, CacheHint>>();
  for (const { subgraph, element, args } of readJoinedDirectives(supergraph, 'cacheControl')) {
    const ofSubgraph = hints.get(subgraph) ?? new Map<string, CacheHint>();
    ofSubgraph.set(element, toHint(args));
    hints.set(subgraph, ofSubgraph);
  }
  return hints;
}

/** Whether anything may be remembered for one caller alone, so that it must be known who asks. */
export function hasPrivateHints(hints: CacheHints): boolean {
  return [...hints.values()].some((ofSubgraph) => [...ofSubgraph.values()].some(({ scope }) => scope === 'PRIVATE'));
}

function toHint({ maxAge, scope, inheritMaxAge }: Readonly<Record<string, unknown>>): CacheHint {
  return {
    ...(typeof maxAge === 'number' ? { maxAgeSeconds: maxAge } : {}),
    ...(scope === 'PUBLIC' || scope === 'PRIVATE' ? { scope } : {}),
    ...(inheritMaxAge === true ? { inheritMaxAge } : {}),
  };
}
