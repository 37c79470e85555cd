import type { Cluster, Redis } from 'ioredis';
import type { CacheEntry, CacheStore, RememberedAnswer } from './store.ts';
import { fromStoredForm, toStoredForm } from './stored-form.ts';

/** For how long Redis is not asked after it did not answer in time: it need not make every request wait that long. */
const PAUSE_MS = 500;

/**
 * Remembers in Redis, shared by every gateway on it. While Redis is away nothing is remembered and nothing waits for it.
 *
 * Keys that are asked for together must have the same text in braces, so that a cluster has them in one slot.
 *
 * @param redis a connection as `connectRedis` makes it; it is closed with the store
 * @param onProblem told once when Redis goes away, and once more when it is back (undefined)
 */
export function createRedisStore(redis: Redis | Cluster, onProblem: (problem: Error | undefined) => void): CacheStore {
  watchConnection(redis, onProblem);
  const store = new RedisStore(redis);
  return store;
}

class RedisStore implements CacheStore {
  readonly description = 'Redis, shared by all gateways on it';
  readonly #redis: Redis | Cluster;
  #pausedUntilMs = 0;

  constructor(redis: Redis | Cluster) {
    this.#redis = redis;
  }

  async getMany(keys: readonly string[]): Promise<(RememberedAnswer | undefined)[]> {
    if (keys.length === 0) return [];
    const values = await this.#unlessAway(() => this.#redis.mgetBuffer(...keys));
    return keys.map((_, index) => {
      const value = values?.[index];
      return value ? fromStoredForm(value) : undefined;
    });
  }

  async setMany(entries: readonly CacheEntry[]): Promise<void> {
    const lasting = entries.filter(({ ttlMs }) => ttlMs > 0);
    if (lasting.length === 0) return;
    await this.#unlessAway(() => {
      const pipeline = this.#redis.pipeline();
      for (const { key, answer, ttlMs } of lasting) pipeline.set(key, toStoredForm(answer), 'PX', Math.ceil(ttlMs));
      return pipeline.exec();
    });
  }

  /** Undefined where Redis is away, or has just been too slow. */
  async #unlessAway<Value>(command: () => Promise<Value>): Promise<Value | undefined> {
    if (!this.isUp()) return undefined;
    try {
      return await command();
    } catch {
      this.#pausedUntilMs = performance.now() + PAUSE_MS;
      return undefined;
    }
  }

  isUp(): boolean {
    return this.#redis.status === 'ready' && performance.now() >= this.#pausedUntilMs;
  }

  async close(): Promise<void> {
    await this.#redis.quit().catch(() => this.#redis.disconnect());
  }
}

function watchConnection(redis: Redis | Cluster, onProblem: (problem: Error | undefined) => void): void {
  let isAway = false;
  redis.on('error', (error: Error) => {
    if (!isAway) onProblem(error);
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) onProblem(undefined);
    isAway = false;
  });
}
