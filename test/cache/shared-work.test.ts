import { randomUUID } from 'node:crypto';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { createLocalLog } from '../../gateway/cache/invalidation-log.ts';
import { createRedisClaims } from '../../gateway/cache/redis-claims.ts';
import { connectRedis } from '../../gateway/cache/redis-connection.ts';
import { createRedisStore } from '../../gateway/cache/redis-store.ts';
import { Deadline } from '../../gateway/deadline.ts';
import { jsonBody, type Fetcher, type SubgraphRequest } from '../../gateway/execute/fetcher.ts';
import { askShop, cached, itemsTemplate, person } from './shop.ts';

const NAMES = itemsTemplate('name');
const ONE = { template: NAMES, ids: ['1'] };

/** A department that answers when it is told to. */
function waitingShop() {
  const underWay: { request: SubgraphRequest; deadline: Deadline; answer(): void }[] = [];
  const fetcher: Fetcher = (request, deadline) =>
    new Promise((resolve, reject) => {
      const body = jsonBody(
        JSON.stringify({
          data: { _entities: request.representations.map(() => ({ name: `answer ${underWay.length}` })) },
        }),
      );
      underWay.push({ request, deadline, answer: () => resolve({ httpStatus: 200, body }) });
      deadline.onEnd(() => reject(new Error('given up')));
    });
  const reached = (count: number): Promise<void> => vi.waitFor(() => expect(underWay).toHaveLength(count), 5_000);
  return { underWay, fetcher, reached };
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what is asked for at the same time', () => {
  test('is asked of the department once, and given to all', async () => {
    const shop = waitingShop();
    const front = cached(shop.fetcher);
    const asking = Array.from({ length: 50 }, () => askShop(front, ONE));
    const other = askShop(front, { ...ONE, ids: ['1', '2'] });
    await shop.reached(2);
    for (const { answer } of shop.underWay) answer();
    expect(new Set((await Promise.all(asking)).map(({ data }) => JSON.stringify(data)))).toEqual(
      new Set(['{"_entities":[{"name":"answer 0"}]}']),
    );
    expect((await other).data).toEqual({ _entities: [{ name: 'answer 1' }, { name: 'answer 1' }] });
    expect(shop.underWay).toHaveLength(2);
  });

  test('is not shared by callers of whom each has an answer of their own', async () => {
    const shop = waitingShop();
    const front = cached(shop.fetcher);
    const template = itemsTemplate('secret');
    const asking = ['ann', 'ben', 'ann'].map((name) => askShop(front, { template, ids: ['1'], caller: person(name) }));
    await shop.reached(2);
    for (const { answer } of shop.underWay) answer();
    const names = (await Promise.all(asking)).map(({ data }) => JSON.stringify(data));
    expect(names[0]).toBe(names[2]);
    expect(names[0]).not.toBe(names[1]);
  });

  test('is not shared by who asks after an invalidation', async () => {
    const shop = waitingShop();
    const log = createLocalLog();
    const front = cached(shop.fetcher, { log });
    const before = askShop(front, ONE);
    await shop.reached(1);
    await log.invalidate(['type shop Item']);
    const after = [askShop(front, ONE), askShop(front, ONE)];
    await shop.reached(2);
    for (const { answer } of shop.underWay) answer();
    expect((await before).data).toEqual({ _entities: [{ name: 'answer 0' }] });
    for (const each of after) expect((await each).data).toEqual({ _entities: [{ name: 'answer 1' }] });
  });

  test('is nothing that may not be remembered, and no mutation', async () => {
    const shop = waitingShop();
    const front = cached(shop.fetcher);
    const templates = [itemsTemplate('stock'), { ...NAMES, operationKind: 'mutation' as const }];
    const asking = templates.flatMap((template) => [
      askShop(front, { ...ONE, template }),
      askShop(front, { ...ONE, template }),
    ]);
    await shop.reached(4);
    for (const { answer } of shop.underWay) answer();
    expect(new Set((await Promise.all(asking)).map(({ data }) => JSON.stringify(data))).size).toBe(4);
  });
});

describe('who waits for what another has asked for', () => {
  const request = { template: NAMES, variablesText: '', representations: ['{"__typename":"Item","id":"1"}'] };

  test('waits until their own deadline, and goes on when who asked first has gone', async () => {
    const shop = waitingShop();
    const front = cached(shop.fetcher);
    const [first, second, third] = [new Deadline(10_000), new Deadline(10_000), new Deadline(10_000)];
    const asking = [first, second, third].map((deadline) => front(request, deadline));
    await shop.reached(1);
    await tick();
    first.end();
    second.end();
    await expect(asking[0]).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' });
    await expect(asking[1]).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' });
    expect(shop.underWay[0]!.deadline.isOver).toBe(false);
    shop.underWay[0]!.answer();
    expect(await asking[2]).toMatchObject({ httpStatus: 200 });
    third.clear();
  });

  test('is nobody in the end: then the department is not waited for either', async () => {
    const shop = waitingShop();
    const front = cached(shop.fetcher);
    const deadlines = [new Deadline(10_000), new Deadline(10_000)];
    const asking = deadlines.map((deadline) => front(request, deadline));
    await shop.reached(1);
    await tick();
    for (const deadline of deadlines) deadline.end();
    for (const each of asking) await expect(each).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' });
    expect(shop.underWay[0]!.deadline.isOver).toBe(true);
  });
});

describe('gateways on one Redis', () => {
  /** Caches of several gateways, and of this test alone. */
  async function gateways(fetcher: Fetcher, count: number) {
    const redis = connectRedis({ redisUrl: inject('redisUrl') }, 2_000);
    onTestFinished(() => redis.disconnect());
    await vi.waitFor(() => expect(redis.status).toBe('ready'), 5_000);
    const claims = createRedisClaims(redis);
    const store = createRedisStore(redis, () => undefined);
    return { claims, fronts: Array.from({ length: count }, () => cached(fetcher, { store, claims })) };
  }

  test('ask once for what none of them has', async () => {
    const shop = waitingShop();
    const { fronts } = await gateways(shop.fetcher, 5);
    const asked = { ...ONE, ids: [randomUUID()] };
    const asking = fronts.map((front) => askShop(front, asked));
    await shop.reached(1);
    shop.underWay[0]!.answer();
    const given = await Promise.all(asking);
    expect(given.map(({ data }) => data)).toEqual(Array(5).fill({ _entities: [{ name: 'answer 0' }] }));
    expect(shop.underWay).toHaveLength(1);
  });

  test('go on by themselves where the one that asked is no more', async () => {
    const shop = waitingShop();
    const { fronts, claims } = await gateways(shop.fetcher, 1);
    const taken: string[] = [];
    const dying = cached(shop.fetcher, {
      claims: { claim: (key, leaseMs) => (taken.push(key), claims.claim(key, leaseMs)) },
    });
    const asked = { ...ONE, ids: [randomUUID()] };
    // It claims, and is never answered.
    const lost = askShop(dying, asked).catch(() => 'lost');
    await shop.reached(1);
    const alive = askShop(fronts[0]!, asked);
    await shop.reached(2);
    shop.underWay[1]!.answer();
    expect((await alive).data).toEqual({ _entities: [{ name: 'answer 1' }] });
    expect(taken).toHaveLength(1);
    shop.underWay[0]!.answer();
    await lost;
  });
});
