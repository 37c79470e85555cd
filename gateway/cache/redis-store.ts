import { Redis } from 'ioredis';
import type { CacheStore } from './store.ts';
import { fromStoredForm, toStoredForm } from './stored-form.ts';

export interface RedisStoreOptions {
  /** `redis://` or `rediss://` */
  url: string;
  /** What one command may take; then the gateway goes on as if nothing were remembered. */
  timeoutMs: number;
}

/** Longest pause between two tries to reach Redis again. */
const MAX_RECONNECT_DELAY_MS = 2_000;

/**
 * Remembers in Redis, shared by every gateway on it. While Redis is away nothing is remembered and nothing waits for it;
 * the connection comes back by itself.
 *
 * @param onProblem told once when Redis goes away, and once more when it is back (undefined)
 */
export function createRedisStore(
  { url, timeoutMs }: RedisStoreOptions,
  onProblem: (problem: Error | undefined) => void,
): CacheStore {
  const redis = new Redis(url, {
    // Commands fail at once while there is no connection, instead of piling up.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    retryStrategy: (attempt) => Math.min(attempt * 100, MAX_RECONNECT_DELAY_MS),
  });
  let isAway = false;
  redis.on('error', (error: Error) => {
    if (!isAway) onProblem(error);
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) onProblem(undefined);
    isAway = false;
  });
  return {
    description: 'Redis, shared by all gateways on it',
    async getMany(keys) {
      if (keys.length === 0) return [];
      try {
        return (await redis.mgetBuffer(...keys)).map((value) => (value ? fromStoredForm(value) : undefined));
      } catch {
        return keys.map(() => undefined);
      }
    },
    async setMany(entries) {
      const pipeline = redis.pipeline();
      for (const { key, answer, ttlMs } of entries)
        if (ttlMs > 0) pipeline.set(key, toStoredForm(answer), 'PX', Math.ceil(ttlMs));
      if (pipeline.length === 0) return;
      await pipeline.exec().catch(() => undefined);
    },
    isUp: () => redis.status === 'ready',
    async close() {
      await redis.quit().catch(() => redis.disconnect());
    },
  };
}
