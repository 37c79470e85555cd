import type { Trail } from '../audit/trail.ts';
import type { Cache } from '../cache/open-cache.ts';
import type { HttpServerOptions } from '../http/server.ts';
import type { LastingParts } from './lasting-parts.ts';
import type { Serving } from './serving.ts';

/** Says what `/ready` tells. @param current gives what is served now */
export function readinessOf(
  { rules, cache, trail, grants }: LastingParts,
  current: () => Pick<Serving, 'supergraph' | 'departments'>,
): HttpServerOptions['readiness'] {
  return () => {
    const { supergraph, departments } = current();
    return {
      ready: trail?.health().up ?? true,
      supergraph: supergraph.hash,
      subgraphs: supergraph.routingUrls.size,
      departments: departments(),
      cache: cacheState(cache),
      rules: rules.state(),
      trail: trailState(trail),
      grants: grants?.health() ?? { store: 'off' },
    };
  };
}

function cacheState(cache: Cache | undefined): unknown {
  if (!cache) return { store: 'none' };
  return { store: cache.store.description, up: cache.isUp() };
}

/** Without what is wrong: the database's message may name what is nobody's business. */
function trailState(trail: Trail | undefined): unknown {
  if (!trail) return { store: 'off' };
  const { up, store, isDurable, waiting, timeStamping } = trail.health();
  const timeStamps = timeStamping && { up: timeStamping.problem === undefined, at: timeStamping.at };
  return { store, up, isDurable, waiting, timeStamps };
}
