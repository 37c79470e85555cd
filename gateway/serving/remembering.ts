import { cacheAnswers } from '../cache/answer-cache.ts';
import type { ChangeReader } from '../cache/change-messages.ts';
import { readInvalidations, type ToldChange } from '../cache/invalidation-requests.ts';
import type { Config } from '../config/config.ts';
import { GatewayFault } from '../errors.ts';
import type { Fetcher } from '../execute/fetcher.ts';
import type { InvalidationRouteOptions } from '../http/invalidation.ts';
import { hasPrivateHints } from '../supergraph/cache-hints.ts';
import { fieldOwners } from '../supergraph/field-owners.ts';
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
  /** Begins to read what departments say has changed. Absent where they have no way to say so. */
  readChanges?: (() => ChangeReader) | undefined;
}

const NOT_AT_ALL: Remembering = { before: (fetcher) => fetcher, needsCaller: false };

/** What remembering depends on. */
export interface RememberingOptions {
  config: Pick<Config, 'cache' | 'http'>;
  lasting: Pick<LastingParts, 'cache' | 'dispatching'>;
  supergraph: ServedSupergraph;
  /** Whether a subgraph is told who asks. */
  isTold(service: string): boolean;
  onFault(error: unknown): void;
}

/** Remembers the answers of one supergraph's departments in the store that all have. */
export function rememberingBy({ config, lasting, supergraph, isTold, onFault }: RememberingOptions): Remembering {
  if (!lasting.cache) return NOT_AT_ALL;
  const { store, log, claims } = lasting.cache;
  const { cacheHints: hints, cacheTags: tags, entityKeys, fullSchema: schema, subgraphHashes } = supergraph;
  const { cache: settings, http } = config;
  const options = { store, log, claims, hints, tags, entityKeys, schema, subgraphHashes, settings, isTold, onFault };
  const owners = fieldOwners(supergraph.sdl);
  const onChanges = async (changes: readonly ToldChange[]): Promise<void> =>
    lasting.dispatching?.noteChanges(changes, owners);
  const takeChange = async (subgraph: string, message: unknown): Promise<void> => {
    const read = readInvalidations(message, { schema, entityKeys, subgraphHashes }, subgraph);
    if (read.ok) {
      // What is dispatched for it must not be what was remembered before.
      await log.invalidate(read.marks);
      await onChanges(read.changes);
    } else onFault(new GatewayFault('INVALIDATION_INVALID', `Subgraph ${subgraph}: ${read.problem}`));
  };
  const { readChanges } = lasting.cache;
  const subgraphs = [...subgraphHashes.keys()];
  const beginReading = readChanges && ((): ChangeReader => readChanges({ subgraphs, take: takeChange, onFault }));
  return {
    before: (fetcher) => cacheAnswers(fetcher, { ...options, onChanges, sharedTimeoutMs: http.requestTimeoutMs }),
    needsCaller: hasPrivateHints(hints),
    async invalidate(message) {
      const read = readInvalidations(message, { schema, entityKeys, subgraphHashes });
      if (!read.ok) return read;
      await log.invalidate(read.marks);
      await onChanges(read.changes);
      return { ok: true, count: read.count };
    },
    readChanges: config.cache.invalidation.changeStreams ? beginReading : undefined,
  };
}
