import type { Cluster, Redis } from 'ioredis';
import { packBytes, unpackBytes } from './packed-bytes.ts';
import { RedisReach } from './redis-reach.ts';
import type { SharedTexts } from './shared-texts.ts';

/** How long a text is kept that nobody reads. */
const UNREAD_FOR_MS = 7 * 86_400_000;
/** A longer text is not shared: Redis would hold up everybody else by it. */
const MAX_BYTES = 4 * 1_048_576;

/**
 * Keeps texts in Redis, for all gateways on it.
 *
 * @param redis a connection as `connectRedis` makes it; it is closed with the texts
 * @param onProblem told once when Redis goes away, and once more when it is back (undefined)
 */
export function createRedisTexts(redis: Redis | Cluster, onProblem: (problem: Error | undefined) => void): SharedTexts {
  const reach = new RedisReach(redis, onProblem);
  return {
    async read(key) {
      const packed = await reach.unlessAway((each) => each.getexBuffer(key, 'PX', UNREAD_FOR_MS));
      return packed ? (unpackBytes(packed)?.toString('utf8') ?? '') : undefined;
    },
    write(key, text) {
      const bytes = Buffer.from(text);
      if (bytes.length > MAX_BYTES) return;
      void reach.unlessAway((each) => each.set(key, packBytes(bytes), 'PX', UNREAD_FOR_MS));
    },
    close: () => reach.close(),
  };
}
