import type { CacheConfig } from '../config/cache.ts';
import type { ChangeReader, ChangeReaderOptions } from './change-messages.ts';
import type { Claims } from './claims.ts';
import { createLocalLog, type InvalidationLog } from './invalidation-log.ts';
import type { Mark } from './marks.ts';
import { createMemoryStore } from './memory-store.ts';
import type { CacheStore } from './store.ts';
import { createTwoLevelStore } from './two-level-store.ts';

/** Where answers are remembered, and what of it is no longer so. */
export interface Cache {
  store: CacheStore;
  log: InvalidationLog;
  /** Whether it can be relied on at present: the store answers, and it is known what was invalidated. */
  isUp(): boolean;
  /** Absent where there is no Redis. */
  claims?: Claims;
  /** Reads what departments say has changed. Absent where there is no Redis. */
  readChanges?(options: ChangeReaderOptions): ChangeReader;
  close(): Promise<void>;
}

/** Whom the cache tells of what it cannot do. */
export interface CacheObserver {
  /** Redis went away, or is back (undefined). */
  onProblem(problem: Error | undefined): void;
  /** Marks that a department named and that will not be invalidated: Redis was away for too long. */
  onLost(marks: readonly Mark[]): void;
}

/**
 * Opens the cache: in memory, before Redis where there is one. Resolves whether Redis answers or not.
 *
 * @throws ConfigError where a file of certificates cannot be read
 */
export async function openCache(settings: CacheConfig, observer: CacheObserver): Promise<Cache> {
  const near = createMemoryStore(settings.maxBytes);
  const { redisUrl, redisSentinel, redisCluster } = settings;
  if ((redisUrl ?? redisSentinel ?? redisCluster) === undefined) return withClose(near, createLocalLog());
  // The client of Redis takes its memory only where there is a Redis to talk to.
  const [{ connectRedis }, { createRedisClaims }, { createRedisStore }, { openRedisLog }, { readChanges }] =
    await Promise.all([
      import('./redis-connection.ts'),
      import('./redis-claims.ts'),
      import('./redis-store.ts'),
      import('./redis-log.ts'),
      import('./change-messages.ts'),
    ]);
  const connection = connectRedis(settings, settings.timeoutMs);
  const far = createRedisStore(connection, observer.onProblem);
  // An invalidation may take longer than a lookup, which is given up for the department.
  const redis = connectRedis(settings, Math.max(settings.timeoutMs, LOG_TIMEOUT_MS));
  const log = await openRedisLog({ redis, onLost: observer.onLost });
  return {
    ...withClose(createTwoLevelStore(near, far), log),
    claims: createRedisClaims(connection),
    readChanges: (options) => readChanges(connectRedis(settings, LOG_TIMEOUT_MS), options),
  };
}

const LOG_TIMEOUT_MS = 300;

function withClose(store: CacheStore, log: InvalidationLog): Cache {
  return {
    store,
    log,
    isUp: () => store.isUp() && log.isConfirmed(),
    async close() {
      await Promise.all([store.close(), log.close()]);
    },
  };
}
