import type { Cluster, Redis } from 'ioredis';
import { RedisReach } from './redis-reach.ts';
import type { CacheEntry, CacheStore, RememberedAnswer } from './store.ts';
import { fromStoredForm, toStoredForm } from './stored-form.ts';

/**
 * Remembers in Redis, shared by every gateway on it. While Redis is away nothing is remembered and nothing waits for it.
 *
 * Keys that are asked for together must have the same text in braces, so that a cluster has them in one slot.
 *
 * @param redis a connection as `connectRedis` makes it; it is closed with the store
 * @param onProblem told once when Redis goes away, and once more when it is back (undefined)
 */
export function createRedisStore(redis: Redis | Cluster, onProblem: (problem: Error | undefined) => void): CacheStore {
  return new RedisStore(new RedisReach(redis, onProblem));
}

class RedisStore implements CacheStore {
  readonly description = 'Redis, shared by all gateways on it';
  readonly #reach: RedisReach;

  constructor(reach: RedisReach) {
    this.#reach = reach;
  }

  async getMany(keys: readonly string[]): Promise<(RememberedAnswer | undefined)[]> {
    if (keys.length === 0) return [];
    const values = await this.#reach.unlessAway((redis) => redis.mgetBuffer(...keys));
    return keys.map((_, index) => {
      const value = values?.[index];
      return value ? fromStoredForm(value) : undefined;
    });
  }

  async setMany(entries: readonly CacheEntry[]): Promise<void> {
    const lasting = entries.filter(({ ttlMs }) => ttlMs > 0);
    if (lasting.length === 0) return;
    await this.#reach.unlessAway((redis) => {
      const pipeline = redis.pipeline();
      for (const { key, answer, ttlMs } of lasting) pipeline.set(key, toStoredForm(answer), 'PX', Math.ceil(ttlMs));
      return pipeline.exec();
    });
  }

  isUp(): boolean {
    return this.#reach.isUp();
  }

  close(): Promise<void> {
    return this.#reach.close();
  }
}
