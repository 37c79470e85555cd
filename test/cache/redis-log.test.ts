import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { PROMISED_STALENESS_MS, type InvalidationLog } from '../../gateway/cache/invalidation-log.ts';
import { connectRedis } from '../../gateway/cache/redis-connection.ts';
import { openRedisLog } from '../../gateway/cache/redis-log.ts';
import type { StartedProgram } from '../../network/process.ts';
import { makeFolder, type TestFolder } from '../kit/folder.ts';
import { startRedis } from '../kit/services.ts';

let folder: TestFolder;
let redis: StartedProgram;
const opened: InvalidationLog[] = [];

beforeAll(async () => {
  folder = await makeFolder('switchyard-log-');
  redis = await startRedis(folder.path);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((log) => log.close()));
});
afterAll(async () => {
  await redis.stop();
  await folder.remove();
});

async function open(): Promise<InvalidationLog> {
  const onLost = (): void => undefined;
  const log = await openRedisLog({ redis: connectRedis({ redisUrl: redis.url }, 500), onLost });
  opened.push(log);
  await vi.waitFor(() => expect(log.isConfirmed()).toBe(true), 5_000);
  return log;
}

async function restartRedis(): Promise<void> {
  await redis.kill();
  redis = await startRedis(folder.path, Number(new URL(redis.url).port));
}

/** An answer with these marks, of another process, that was asked for now. */
function answerAt({ position }: InvalidationLog, ...marks: string[]) {
  return [position, () => marks] as const;
}

describe('a log in Redis', () => {
  test('tells the one that invalidates at once, and the others within the promised time', async () => {
    const [one, other] = [await open(), await open()];
    const [gone, kept] = [answerAt(other, 'gone'), answerAt(other, 'kept')];
    expect(other.allows(...gone)).toBe(true);
    await one.invalidate(['gone']);
    const acknowledgedAtMs = performance.now();
    expect([one.allows(...gone), one.allows(...kept)]).toEqual([false, true]);
    await vi.waitFor(() => expect(other.allows(...gone)).toBe(false), { timeout: 5_000, interval: 5 });
    expect(performance.now() - acknowledgedAtMs).toBeLessThan(PROMISED_STALENESS_MS);
    expect(other.allows(...kept)).toBe(true);
    expect(one.allows(...answerAt(one, 'gone'))).toBe(true);
  });

  test('knows of what was invalidated before it was opened', async () => {
    const one = await open();
    const answer = answerAt(one, 'early');
    await one.invalidate(['early']);
    const later = await open();
    expect([later.allows(...answer), later.allows(...answerAt(later, 'early'))]).toEqual([false, true]);
  });

  test('lets nothing from before a Redis that was emptied be given', async () => {
    const one = await open();
    await one.invalidate(['x']);
    const answer = answerAt(one, 'y');
    const client = connectRedis({ redisUrl: redis.url }, 1_000);
    await vi.waitFor(() => expect(client.status).toBe('ready'));
    await client.flushall();
    await client.quit();
    await vi.waitFor(() => expect(one.allows(...answer)).toBe(false), 5_000);
    await vi.waitFor(() => expect(one.allows(...answerAt(one, 'y'))).toBe(true), 5_000);
  });
});

describe('while Redis is away', () => {
  test('only what was asked for a moment ago is given, nothing is said to be invalidated, and it comes back', async () => {
    const one = await open();
    const answer = answerAt(one, 'x');
    await redis.kill();
    await vi.waitFor(() => expect(one.allows(...answer)).toBe(false), { timeout: PROMISED_STALENESS_MS, interval: 5 });
    const [position, marksOf] = answer;
    expect(one.allows({ ...position, askedHereAtMs: performance.now() }, marksOf)).toBe(true);
    expect(one.allows({ ...position, askedHereAtMs: performance.now() - PROMISED_STALENESS_MS }, marksOf)).toBe(false);
    await expect(one.invalidate(['x'])).rejects.toMatchObject({ code: 'INVALIDATION_UNAVAILABLE' });
    redis = await startRedis(folder.path, Number(new URL(redis.url).port));
    await vi.waitFor(() => expect(one.isConfirmed()).toBe(true), 10_000);
    // Another server may have lost what it was told: nothing from before counts.
    expect(one.allows(...answer)).toBe(false);
    expect(one.allows(...answerAt(one, 'x'))).toBe(true);
  });

  test('what a mutation changed is kept, and invalidated once it is back', async () => {
    const [one, other] = [await open(), await open()];
    await redis.kill();
    await one.invalidateEventually(['changed']);
    await restartRedis();
    await vi.waitFor(() => expect([one.isConfirmed(), other.isConfirmed()]).toEqual([true, true]), 10_000);
    const early = [{ ...other.position, at: 0 }, () => ['changed']] as const;
    await vi.waitFor(() => expect(other.allows(...early)).toBe(false), 5_000);
    await vi.waitFor(() => expect(one.allows(...answerAt(one, 'changed'))).toBe(true), 5_000);
  });
});
