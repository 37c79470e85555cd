/** A rate limit that allows bursts. */
export interface TokenBucket {
  /** Takes a token: 0 when there was one, else the whole seconds until there will be. */
  take(): number;
}

/**
 * A full bucket of as many tokens as flow in during a second.
 *
 * @param perSecond tokens a second and at most; above 0
 * @param nowMs a clock that never goes back
 */
export function createTokenBucket(perSecond: number, nowMs: () => number): TokenBucket {
  let tokens = perSecond;
  let filledAtMs = nowMs();
  return {
    take() {
      const atMs = nowMs();
      tokens = Math.min(perSecond, tokens + ((atMs - filledAtMs) * perSecond) / 1_000);
      filledAtMs = atMs;
      if (tokens < 1) return Math.max(1, Math.ceil((1 - tokens) / perSecond));
      tokens -= 1;
      return 0;
    },
  };
}
