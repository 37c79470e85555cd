import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { Cluster, Redis } from 'ioredis';
import type { CacheConfig } from '../config/cache.ts';
import { ConfigError } from '../config/config.ts';

/** Which Redis is spoken to, and how. */
export type RedisSettings = Pick<CacheConfig, 'redisUrl' | 'redisSentinel' | 'redisCluster' | 'redisTls'>;

/** Longest pause between two tries to reach Redis again. */
const MAX_RECONNECT_DELAY_MS = 2_000;
const FIRST_RECONNECT_DELAY_MS = 50;
/** What finding out which node of a cluster has which slots may take. */
const SLOTS_WITHIN_MS = 2_000;

/**
 * Connects to a single Redis, to the master that Sentinel names, or to a cluster. Commands fail at once while there is no connection;
 * it comes back by itself.
 *
 * @param timeoutMs what one command may take
 * @throws ConfigError where a file of certificates cannot be read
 */
export function connectRedis(settings: RedisSettings, timeoutMs: number): Redis | Cluster {
  const { redisSentinel, redisCluster, redisUrl, redisTls } = settings;
  const tls = redisTls && readTls(redisTls);
  const perCommand = { maxRetriesPerRequest: 0, commandTimeout: timeoutMs, ...(tls && { tls }) };
  if (redisCluster) return connectCluster(redisCluster, perCommand);
  // Commands fail at once while there is no connection, instead of piling up.
  const options = { ...perCommand, enableOfflineQueue: false, retryStrategy: reconnectDelayMs };
  if (redisSentinel)
    return new Redis({
      ...options,
      ...credentialsOf(redisSentinel.urls[0]!),
      name: redisSentinel.master,
      sentinels: redisSentinel.urls.map(addressOf),
      sentinelRetryStrategy: reconnectDelayMs,
      ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
    });
  if (redisUrl === undefined) throw new ConfigError('The cache has no Redis to connect to.');
  return new Redis(redisUrl, options);
}

function connectCluster(
  urls: readonly string[],
  perCommand: { maxRetriesPerRequest: number; commandTimeout: number; tls?: ConnectionOptions },
): Cluster {
  const isTls = urls.some((url) => url.startsWith('rediss:'));
  return new Cluster(urls.map(addressOf), {
    enableOfflineQueue: false,
    clusterRetryStrategy: reconnectDelayMs,
    slotsRefreshTimeout: SLOTS_WITHIN_MS,
    // Certificates may be for names; a lookup would put addresses in their place.
    dnsLookup: (address, callback) => callback(null, address),
    redisOptions: { ...(isTls && { tls: {} }), ...perCommand, ...credentialsOf(urls[0]!) },
  });
}

function reconnectDelayMs(attempt: number): number {
  return Math.min(attempt * FIRST_RECONNECT_DELAY_MS, MAX_RECONNECT_DELAY_MS);
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 6379) };
}

function credentialsOf(url: string): { username?: string; password?: string } {
  const { username, password } = new URL(url);
  return {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
  };
}

function readTls({ caFile, certFile, keyFile, serverName }: NonNullable<CacheConfig['redisTls']>): ConnectionOptions {
  return {
    ...(caFile !== undefined && { ca: readPem(caFile) }),
    ...(certFile !== undefined && { cert: readPem(certFile) }),
    ...(keyFile !== undefined && { key: readPem(keyFile) }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(`The file ${file} for TLS to Redis cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
