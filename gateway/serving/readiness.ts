import type { Trail } from '../audit/trail.ts';
import type { CacheStore } from '../cache/store.ts';
import type { HttpServerOptions } from '../http/server.ts';
import type { LastingParts } from './lasting-parts.ts';
import type { Serving } from './serving.ts';

/** Says what `/ready` tells. @param current gives what is served now */
export function readinessOf(
  { rules, store, trail, grants }: LastingParts,
  current: () => Pick<Serving, 'supergraph' | 'departments'>,
): HttpServerOptions['readiness'] {
  return () => {
    const { supergraph, departments } = current();
    return {
      ready: trail?.health().up ?? true,
      supergraph: supergraph.hash,
      subgraphs: supergraph.routingUrls.size,
      departments: departments(),
      cache: cacheState(store),
      rules: rules.state(),
      trail: trailState(trail),
      grants: grants?.health() ?? { store: 'off' },
    };
  };
}

function cacheState(store: CacheStore | undefined): unknown {
  return store ? { store: store.description, up: store.isUp() } : { store: 'none' };
}

/** Without what is wrong: the database's message may name what is nobody's business. */
function trailState(trail: Trail | undefined): unknown {
  if (!trail) return { store: 'off' };
  const { up, store, isDurable, waiting, timeStamping } = trail.health();
  const timeStamps = timeStamping && { up: timeStamping.problem === undefined, at: timeStamping.at };
  return { store, up, isDurable, waiting, timeStamps };
}
