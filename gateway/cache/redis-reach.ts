import type { Cluster, Redis } from 'ioredis';

/** For how long Redis is not asked after it did not answer in time: it need not make every request wait that long. */
const PAUSE_MS = 500;

/** A connection to a Redis that may be away: then nothing waits for it. */
export class RedisReach {
  readonly redis: Redis | Cluster;
  #pausedUntilMs = 0;

  /**
   * @param redis a connection as `connectRedis` makes it
   * @param onProblem told once when Redis goes away, and once more when it is back (undefined)
   */
  constructor(redis: Redis | Cluster, onProblem: (problem: Error | undefined) => void) {
    this.redis = redis;
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

  /** Undefined where Redis is away, or has just been too slow. */
  async unlessAway<Value>(command: (redis: Redis | Cluster) => Promise<Value>): Promise<Value | undefined> {
    if (!this.isUp()) return undefined;
    try {
      return await command(this.redis);
    } catch {
      this.#pausedUntilMs = performance.now() + PAUSE_MS;
      return undefined;
    }
  }

  isUp(): boolean {
    return this.redis.status === 'ready' && performance.now() >= this.#pausedUntilMs;
  }

  async close(): Promise<void> {
    await this.redis.quit().catch(() => this.redis.disconnect());
  }
}
