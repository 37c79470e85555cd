import { randomUUID } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import type { Claims } from './claims.ts';

/** Lets go of a claim, unless it has ended and is another's by now. */
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** Claims among all gateways on a Redis. @param redis the store's connection, which is not closed here */
export function createRedisClaims(redis: Redis | Cluster): Claims {
  return {
    async claim(key, leaseMs) {
      const name = `switchyard:claim:{${key}}`;
      const token = randomUUID();
      try {
        const taken = await redis.set(name, token, 'PX', Math.ceil(leaseMs), 'NX');
        if (taken === null) return undefined;
      } catch {
        return () => undefined;
      }
      return () => void redis.eval(RELEASE, 1, name, token).catch(() => undefined);
    },
  };
}
