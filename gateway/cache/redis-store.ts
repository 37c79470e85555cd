import { hash } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import { RedisReach } from './redis-reach.ts';
import { endOf, type CacheEntry, type CacheStore, type RememberedAnswer } from './store.ts';
import { fromStoredForm, toStoredForm } from './stored-form.ts';

/**
 * Remembers in Redis, shared by every gateway on it. While Redis is away nothing is remembered and nothing waits for it.
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

  async getMany(group: string, names: readonly string[]): Promise<(RememberedAnswer | undefined)[]> {
    if (names.length === 0) return [];
    const keys = names.map((name) => keyOf(group, name));
    const values = await this.#reach.unlessAway((redis) => redis.mgetBuffer(...keys));
    return keys.map((_, index) => {
      const value = values?.[index];
      return value ? fromStoredForm(value) : undefined;
    });
  }

  /** Redis itself knows how much of its memory it has for this, and what to let go. */
  wantedOf(_group: string, names: readonly string[]): number[] {
    return this.isUp() ? [...names.keys()] : [];
  }

  async setMany(group: string, entries: readonly CacheEntry[]): Promise<void> {
    const nowMs = Date.now();
    const lasting = entries.filter(({ answer }) => nowMs < endOf(answer));
    if (lasting.length === 0) return;
    await this.#reach.unlessAway((redis) => {
      const pipeline = redis.pipeline();
      for (const { name, answer } of lasting)
        pipeline.set(keyOf(group, name), toStoredForm(answer), 'PX', Math.ceil(endOf(answer) - nowMs));
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

/** A name says what was asked for, in full: it may be long, and says more than those who look after Redis need to read. */
function keyOf(group: string, name: string): string {
  return `switchyard:answer:${group}:${hash('sha256', name, 'base64url')}`;
}
