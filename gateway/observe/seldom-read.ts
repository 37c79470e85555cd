/** How often something is read at most, and how long it is waited for. */
export interface ReadBounds {
  everyMs: number;
  withinMs: number;
}

/**
 * Reads something when it is wanted, yet seldom, and only once at a time; in between it gives what it read. Whoever asks waits no longer
 * than the bound, also where the read hangs: what comes later is for who asks next.
 *
 * @param nowMs the clock that `everyMs` goes by. Default: the process's
 * @returns what was read; undefined where it cannot be, or not in time
 */
export function readSeldom<Value>(
  read: () => Promise<Value>,
  { everyMs, withinMs }: ReadBounds,
  nowMs: () => number = () => performance.now(),
): () => Promise<Value | undefined> {
  let latest: Promise<Value | undefined> | undefined;
  let begunMs = 0;
  let isUnderWay = false;
  return () => {
    if (!latest || (!isUnderWay && nowMs() - begunMs >= everyMs)) {
      begunMs = nowMs();
      isUnderWay = true;
      latest = read()
        .catch(() => undefined)
        .finally(() => (isUnderWay = false));
    }
    return within(latest, withinMs);
  };
}

async function within<Value>(reading: Promise<Value>, ms: number): Promise<Value | undefined> {
  const { promise: isLate, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([reading, isLate]);
  } finally {
    clearTimeout(timer);
  }
}
