import { z } from 'zod';

const count = z.number().int().min(1);
/** Up to a day. */
const redisAddress = z.url({ protocol: /^rediss?$/ });
const duration = z.number().int().min(0).max(86_400_000);

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

/** Settings of the cache: answers of departments that are remembered for as long as these allow. */
export const cacheSchema = z
  .strictObject({
    /** Whether answers are remembered for as long as departments allow, by `@cacheControl` and by their `cache-control` header. */
    enabled: z.boolean().default(true),
    // Answers are kept in Redis, and query plans whether answers are remembered or not, shared between gateways. Without it each process has its own.
    ...redisFields,
    /** What a Redis command may take before the gateway goes on without it. */
    timeoutMs: z.number().int().min(1).max(3_600_000).default(50),
    /** Bytes that the in-process store may hold. */
    maxBytes: count.default(67_108_864),
    /** Largest entity, or answer of root fields, that is remembered. */
    maxEntryBytes: count.default(1_048_576),
    /** How long it is remembered at most that something is not there; 0 for not at all. */
    maxNegativeAgeMs: duration.default(5_000),
    /**
     * How long after its age an answer may still be given while it is fetched anew beside the request. A department's own
     * `stale-while-revalidate` comes before it (RFC 5861).
     */
    staleWhileRevalidateMs: duration.default(0),
    /** How long after its age an answer may still be given where the department fails. A department's own `stale-if-error` comes before it. */
    staleIfErrorMs: duration.default(0),
    invalidation: z
      .strictObject({
        /**
         * Who sends it as the header `authorization` to `POST /invalidation` may have answers forgotten. Make it long and random. Default:
         * none, and nobody may.
         */
        secret: z.string().min(1).optional(),
        /**
         * Whether departments say what has changed by Redis: in the stream `switchyard:{changes}:<subgraph>`, each entry with a field `changes`
         * that is a list as `POST /invalidation` takes it, of the department's own.
         */
        changeStreams: z.boolean().default(false),
      })
      .prefault({}),
  })
  .refine(isOneRedis, 'needs one Redis: redisUrl, redisSentinel or redisCluster');

/** Settings of the cache with every default filled in. */
export type CacheConfig = z.output<typeof cacheSchema>;
