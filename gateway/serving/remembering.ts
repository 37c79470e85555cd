import { cacheAnswers } from '../cache/answer-cache.ts';
import { readInvalidations } from '../cache/invalidation-requests.ts';
import type { Config } from '../config.ts';
import type { Fetcher } from '../execute/fetcher.ts';
import type { InvalidationRouteOptions } from '../http/invalidation.ts';
import { hasPrivateHints } from '../supergraph/cache-hints.ts';
import type { ServedSupergraph } from '../supergraph/load.ts';
import type { LastingParts } from './lasting-parts.ts';

/** How departments' answers are remembered. */
export interface Remembering {
  /** Puts the cache before a fetcher, where there is one. */
  before(fetcher: Fetcher): Fetcher;
  /** Whether it must be known who asks, because something is remembered for one caller alone. */
  readonly needsCaller: boolean;
  /** Invalidates what a message lists. Absent where nothing is remembered. @throws GatewayFault INVALIDATION_UNAVAILABLE */
  invalidate?: InvalidationRouteOptions['invalidate'];
}

const NOT_AT_ALL: Remembering = { before: (fetcher) => fetcher, needsCaller: false };

/** What remembering depends on. */
export interface RememberingOptions {
  config: Pick<Config, 'cache' | 'http'>;
  lasting: Pick<LastingParts, 'cache'>;
  supergraph: ServedSupergraph;
  /** Whether a subgraph is told who asks. */
  isTold(service: string): boolean;
  onFault(error: unknown): void;
}

/** Remembers the answers of one supergraph's departments in the store that all have. */
export function rememberingBy({ config, lasting, supergraph, isTold, onFault }: RememberingOptions): Remembering {
  if (!lasting.cache) return NOT_AT_ALL;
  const { store, log } = lasting.cache;
  const { cacheHints: hints, cacheTags: tags, entityKeys, fullSchema: schema, subgraphHashes } = supergraph;
  const { cache: settings, http } = config;
  const options = { store, log, hints, tags, entityKeys, schema, subgraphHashes, settings, isTold, onFault };
  return {
    before: (fetcher) => cacheAnswers(fetcher, { ...options, revalidateTimeoutMs: http.requestTimeoutMs }),
    needsCaller: hasPrivateHints(hints),
    async invalidate(message) {
      const read = readInvalidations(message, { schema, entityKeys, subgraphHashes });
      if (!read.ok) return read;
      await log.invalidate(read.marks);
      return { ok: true, count: read.count };
    },
  };
}
