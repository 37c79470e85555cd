import type { CacheConfig } from '../config/cache.ts';
import type { SharedTexts } from './shared-texts.ts';

/**
 * Opens what gateways share; undefined where there is no Redis. Resolves whether Redis answers or not.
 *
 * @param onProblem told once when Redis goes away, and once more when it is back (undefined)
 * @throws ConfigError where a file of certificates cannot be read
 */
export async function openSharedTexts(
  settings: CacheConfig,
  onProblem: (problem: Error | undefined) => void,
): Promise<SharedTexts | undefined> {
  const { redisUrl, redisSentinel, redisCluster } = settings;
  if ((redisUrl ?? redisSentinel ?? redisCluster) === undefined) return undefined;
  // The client of Redis takes its memory only where there is a Redis to talk to.
  const [{ connectRedis }, { createRedisTexts }] = await Promise.all([
    import('./redis-connection.ts'),
    import('./redis-texts.ts'),
  ]);
  return createRedisTexts(connectRedis(settings, settings.timeoutMs), onProblem);
}
