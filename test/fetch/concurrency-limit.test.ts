import { describe, expect, test, vi } from 'vitest';
import { ConcurrencyLimit, type Load, type Waiting } from '../../gateway/fetch/concurrency-limit.ts';
import { closingAfterEach, serveBare } from '../kit/department.ts';
import { askOne } from '../kit/one-department.ts';

const opened = closingAfterEach();

class Waiter implements Waiting {
  told: string[] = [];
  onTurn(): void {
    this.told.push('turn');
  }
  onRefused(reason: string): void {
    this.told.push(reason);
  }
}

/** Passes windows of half a second in which as many are under way as there may be. */
function pass(
  limit: ConcurrencyLimit,
  windows: number,
  fromMs: number,
  tookMs: (limit: number) => number,
  load: Load = 'answered',
): number {
  let nowMs = fromMs;
  for (let window = 0; window < windows; window += 1) {
    nowMs += 501;
    const took = tookMs(limit.limit);
    let under = 0;
    while (limit.enter()) under += 1;
    for (; under > 0; under -= 1) limit.leave(load, took, nowMs);
  }
  return nowMs;
}

const OPTIONS = { min: 10, max: 100, maxQueue: 2, maxQueueMs: 20 };

describe('the limit of a department', () => {
  test('finds what a department of a fixed capacity takes: half of the time that is lost to waiting there', () => {
    const limit = new ConcurrencyLimit(OPTIONS, () => false);
    // Twenty at a time in 10 ms each; what is more waits there.
    const took = (many: number): number => 10 * Math.max(1, many / 20);
    let nowMs = pass(limit, 1, 0, () => 10);
    nowMs = pass(limit, 20, nowMs, took);
    expect(limit.limit).toBeGreaterThanOrEqual(20);
    expect(limit.limit).toBeLessThanOrEqual(50);
    pass(limit, 20, nowMs, () => 10);
    expect(limit.limit).toBe(100);
  });

  test('comes back to where it was when less at a time does not make it quicker', () => {
    const limit = new ConcurrencyLimit(OPTIONS, () => false);
    let nowMs = pass(limit, 3, 0, () => 10);
    const seen: number[] = [];
    for (let window = 0; window < 8; window += 1) {
      nowMs = pass(limit, 1, nowMs, () => 40);
      seen.push(limit.limit);
    }
    // What was answered before is judged with the first window.
    expect(seen.slice(1, 5)).toEqual([80, 64, 51, 100]);
    expect(seen.at(-1)).toBe(100);
  });

  test('is never less than its least, however much is missing', () => {
    const limit = new ConcurrencyLimit(OPTIONS, () => false);
    pass(limit, 30, 0, () => 10, 'overloaded');
    expect(limit.limit).toBe(10);
  });

  test('stays where few are under way', () => {
    const limit = new ConcurrencyLimit(OPTIONS, () => false);
    for (let window = 1; window < 20; window += 1)
      for (let nth = 0; nth < 20; nth += 1) {
        limit.enter();
        limit.leave('answered', window * 10, window * 501);
      }
    expect(limit.limit).toBe(100);
  });

  test('lets who waits have their turn in order, and only so many wait', () => {
    const limit = new ConcurrencyLimit({ ...OPTIONS, max: 1, maxQueueMs: 10_000 });
    const [first, second, third] = [new Waiter(), new Waiter(), new Waiter()];
    expect([limit.enter(), limit.enter()]).toEqual([true, false]);
    expect([first, second, third].map((waiter) => limit.wait(waiter))).toEqual([true, true, false]);
    limit.leave('answered', 1, 1);
    expect([first.told, second.told, limit.inFlight, limit.queued]).toEqual([['turn'], [], 1, 1]);
    limit.forget(second);
    limit.leave('answered', 1, 2);
    expect([second.told, limit.inFlight, limit.queued]).toEqual([[], 0, 0]);
  });

  test('lets nobody wait longer than is allowed', async () => {
    const limit = new ConcurrencyLimit({ ...OPTIONS, max: 1 });
    limit.enter();
    const waiter = new Waiter();
    limit.wait(waiter);
    await vi.waitUntil(() => waiter.told.length > 0);
    expect(waiter.told).toEqual(['waited too long']);
    limit.leave('answered', 1, 1);
    expect([waiter.told.length, limit.inFlight, limit.queued]).toEqual([1, 0, 0]);
  });
});

/** A department that answers when the test says so. */
async function serveHeld() {
  const held: (() => void)[] = [];
  const server = opened(
    await serveBare((request, response) => {
      request.resume();
      held.push(() => response.end('{"data":{"a":1}}'));
    }),
  );
  return { held, url: server.url };
}

test('requests that are too many wait, those that are still more are refused, and who waited is answered', async () => {
  const { held, url } = await serveHeld();
  const concurrency = { maxQueue: 3, maxQueueMs: 10_000 };
  const department = opened(askOne(url, { allSubgraphs: { maxConnections: 2, concurrency } }));
  const asking = Array.from({ length: 5 }, () => department.ask());
  await expect(department.ask()).rejects.toMatchObject({ code: 'SUBREQUEST_LIMITED' });
  expect(department.fetcher.state()['tax']).toMatchObject({ inFlight: 2, queued: 3, limit: 2 });
  for (let answered = 0; answered < 5; answered += 1) {
    await vi.waitUntil(() => held.length > 0);
    held.shift()!();
  }
  expect((await Promise.all(asking)).map(({ httpStatus }) => httpStatus)).toEqual([200, 200, 200, 200, 200]);
  expect(department.fetcher.state()['tax']).toMatchObject({ inFlight: 0, queued: 0 });
});

test('who waits for a department that begins to be left alone is told at once', async () => {
  const { held, url } = await serveHeld();
  const settings = {
    timeoutMs: 100,
    maxConnections: 1,
    concurrency: { maxQueueMs: 10_000 },
    circuitBreaker: { minRequests: 1, openMs: 10_000 },
  };
  const department = opened(askOne(url, { allSubgraphs: settings }));
  const asking = expect(department.ask()).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' });
  const waiting = expect(department.ask()).rejects.toMatchObject({ code: 'SUBREQUEST_CIRCUIT_OPEN' });
  await Promise.all([asking, waiting]);
  expect(held).toHaveLength(1);
  expect(department.fetcher.state()['tax']).toMatchObject({ inFlight: 0, queued: 0, circuit: 'open' });
});
