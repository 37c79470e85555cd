import { cacheAnswers } from '../cache/answer-cache.ts';
import type { Config } from '../config.ts';
import type { Fetcher } from '../execute/fetcher.ts';
import { hasPrivateHints } from '../supergraph/cache-hints.ts';
import type { ServedSupergraph } from '../supergraph/load.ts';
import type { LastingParts } from './lasting-parts.ts';

/** How departments' answers are remembered. */
export interface Remembering {
  /** Puts the cache before a fetcher, where there is one. */
  before(fetcher: Fetcher): Fetcher;
  /** Whether it must be known who asks, because something is remembered for one caller alone. */
  readonly needsCaller: boolean;
}

/** What remembering depends on. */
export interface RememberingOptions {
  config: Pick<Config, 'cache' | 'http'>;
  lasting: Pick<LastingParts, 'store'>;
  supergraph: ServedSupergraph;
  /** Whether a subgraph is told who asks. */
  isTold(service: string): boolean;
  onFault(error: unknown): void;
}

/** Remembers the answers of one supergraph's departments in the store that all have. */
export function rememberingBy({ config, lasting, supergraph, isTold, onFault }: RememberingOptions): Remembering {
  const { store } = lasting;
  if (!store) return { before: (fetcher) => fetcher, needsCaller: false };
  const { cacheHints: hints, fullSchema: schema, subgraphHashes } = supergraph;
  const { cache: settings, http } = config;
  const options = { store, hints, schema, subgraphHashes, settings, isTold, onFault };
  return {
    before: (fetcher) => cacheAnswers(fetcher, { ...options, revalidateTimeoutMs: http.requestTimeoutMs }),
    needsCaller: hasPrivateHints(hints),
  };
}
