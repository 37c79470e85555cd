import { z } from 'zod';

const redisAddress = z.url({ protocol: /^rediss?$/ });

/** Which Redis is meant, and how it is spoken to. */
export const redisFields = {
  /** One Redis: `redis://` or `rediss://`. */
  redisUrl: redisAddress.optional(),
  /** Redis behind Sentinel, instead of `redisUrl`: the master's name, and the sentinels (`redis://user:password@host:port`, with what the master asks for). */
  redisSentinel: z.strictObject({ master: z.string().min(1), urls: z.array(redisAddress).min(1) }).optional(),
  /** Nodes of a Redis Cluster, instead of `redisUrl`; the others are found by them. */
  redisCluster: z.array(redisAddress).min(1).optional(),
  /** TLS to Redis, files as PEM, read once at the start. Default: by the system's roots for `rediss://`, else none. */
  redisTls: z
    .strictObject({
      /** Roots that vouch for Redis's certificate. */
      caFile: z.string().min(1).optional(),
      /** The gateway's own certificate, where Redis asks for one, and its key. */
      certFile: z.string().min(1).optional(),
      keyFile: z.string().min(1).optional(),
      /** The name that Redis's certificate is for. Default: the host's. */
      serverName: z.string().min(1).optional(),
    })
    .optional(),
};

/** Whether {@link redisFields} name not more than one. */
export function isOneRedis(given: { redisUrl?: unknown; redisSentinel?: unknown; redisCluster?: unknown }): boolean {
  const { redisUrl, redisSentinel, redisCluster } = given;
  return [redisUrl, redisSentinel, redisCluster].filter((redis) => redis !== undefined).length <= 1;
}
