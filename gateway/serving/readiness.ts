import type { Trail } from '../audit/trail.ts';
import type { Cache } from '../cache/open-cache.ts';
import type { HttpServerOptions } from '../http/server.ts';
import type { LastingParts } from './lasting-parts.ts';
import type { SupergraphFollower } from './supergraph-follower.ts';

/** Says what `/ready` tells. @param worker which of several processes on one port this is; absent: it is alone */
export function readinessOf(
  { rules, cache, trail, grants, dispatching }: LastingParts,
  supergraphs: Pick<SupergraphFollower, 'current' | 'state'>,
  worker: number | undefined,
): HttpServerOptions['readiness'] {
  return () => {
    const { hash, ...following } = supergraphs.state;
    const { supergraph, departments } = supergraphs.current;
    return {
      ...(worker === undefined ? {} : { worker }),
      ready: trail?.health().up ?? true,
      supergraph: hash,
      following,
      subgraphs: supergraph.routingUrls.size,
      departments: departments(),
      cache: cacheState(cache),
      rules: rules.state(),
      trail: trailState(trail),
      grants: grants?.health() ?? { store: 'off' },
      dispatch: dispatching?.health() ?? { store: 'off' },
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
