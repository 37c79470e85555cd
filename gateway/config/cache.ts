import { z } from 'zod';
import { isOneRedis, redisFields } from './redis.ts';
import { count, milliseconds } from './units.ts';

/** Up to a day. */
const duration = z.number().int().min(0).max(86_400_000);

/** Settings of the cache: answers of departments that are remembered for as long as these allow. */
export const cacheSchema = z
  .strictObject({
    /** Whether answers are remembered for as long as departments allow, by `@cacheControl` and by their `cache-control` header. */
    enabled: z.boolean().default(true),
    // Answers are kept in Redis, and query plans whether answers are remembered or not, shared between gateways. Without it each process has its own.
    ...redisFields,
    /** What a Redis command may take before the gateway goes on without it. */
    timeoutMs: milliseconds.default(50),
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

/** The settings with what the environment says: `REDIS_URL`, instead of whichever Redis they name, and `SWITCHYARD_INVALIDATION_SECRET`. They are checked afterwards. */
export function cacheFromEnvironment(cache: CacheConfig, env: Readonly<Record<string, string | undefined>>): unknown {
  const { redisSentinel: _, redisCluster: __, ...rest } = cache;
  const secret = env['SWITCHYARD_INVALIDATION_SECRET'];
  return {
    ...(env['REDIS_URL'] ? { ...rest, redisUrl: env['REDIS_URL'] } : cache),
    ...(secret ? { invalidation: { ...cache.invalidation, secret } } : {}),
  };
}
