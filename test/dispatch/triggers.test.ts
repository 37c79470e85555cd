import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { changeStream } from '../../gateway/cache/change-messages.ts';
import { connectRedis } from '../../gateway/cache/redis-connection.ts';
import { definitionSchema, nextAfter } from '../../gateway/dispatch/definition.ts';
import { activate, ARREARS, openOffice, register, runNow, runsOf, whenRun, type DispatchOffice } from './office.ts';

describe('a schedule', () => {
  const next = (trigger: object, now: string): string | undefined => {
    const parsed = definitionSchema.shape.trigger.parse(trigger);
    const nextAtMs = nextAfter(parsed, Date.parse(now));
    return nextAtMs === undefined ? undefined : new Date(nextAtMs).toISOString();
  };

  test.each([
    [
      'is in its time zone',
      { cron: '0 6 * * *', timeZone: 'Asia/Shanghai' },
      '2026-06-01T00:00:00Z',
      '2026-06-01T22:00:00.000Z',
    ],
    [
      'goes with summer time',
      { cron: '0 6 * * *', timeZone: 'Europe/Berlin' },
      '2026-03-28T12:00:00Z',
      '2026-03-29T04:00:00.000Z',
    ],
    [
      'is none for what was missed: the next time is to come',
      { cron: '*/5 * * * *' },
      '2026-06-01T12:03:00Z',
      '2026-06-01T12:05:00.000Z',
    ],
    ['may be a time from now on', { everyMs: 60_000 }, '2026-06-01T12:00:00Z', '2026-06-01T12:01:00.000Z'],
    ['may be none', {}, '2026-06-01T12:00:00Z', undefined],
  ])('%s', (_, trigger, now, expected) => {
    expect(next(trigger, now)).toBe(expected);
  });
});

describe('a dispatch', () => {
  let office: DispatchOffice;
  let redis: Redis;
  beforeAll(async () => {
    const redisUrl = new URL('/9', inject('redisUrl')).href;
    redis = connectRedis({ redisUrl }, 5_000) as Redis;
    await once(redis, 'ready');
    office = await openOffice({ cache: { redisUrl, invalidation: { changeStreams: true } } });
    register(office, 3);
  });
  afterAll(async () => {
    await office.close();
    await redis.flushdb();
    await redis.quit();
  });

  const changed = (change: object): Promise<unknown> =>
    redis.xadd(changeStream('market'), '*', 'changes', JSON.stringify([change]));

  test('runs when a department says that a field it watches may have changed, once for many changes', async () => {
    const trigger = { onChangeOf: ['Enterprise.arrears'], settleMs: 150 };
    const id = await activate(office, { ...ARREARS, name: 'on-change', trigger });
    expect(await whenRun(office, [id, 1], 'DELIVERED')).toMatchObject({ reason: 'CHANGE', isFull: true });
    for (const enterprise of office.enterprises.values()) {
      enterprise.arrears += 1;
      await changed({ kind: 'entity', type: 'Enterprise', key: { uscc: enterprise.uscc } });
    }
    expect(await whenRun(office, [id, 2], 'DELIVERED')).toMatchObject({ reason: 'CHANGE', isFull: false, rows: 3 });
    await changed({ kind: 'type', type: 'Enterprise' });
    expect(await whenRun(office, [id, 3], 'UNCHANGED')).toMatchObject({ reason: 'CHANGE' });
  });

  test('runs every so often, and looks for itself what has changed', async () => {
    const id = await activate(office, { ...ARREARS, name: 'every', trigger: { everyMs: '1000' } });
    await whenRun(office, [id, 1], 'DELIVERED');
    office.enterprises.get('e01')!.arrears += 1;
    expect(await whenRun(office, [id, 2], 'DELIVERED')).toMatchObject({ reason: 'EVERY', rows: 1 });
  });

  test('that has expired runs no more, and says so', async () => {
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    const id = await activate(office, { ...ARREARS, name: 'expires', expiresAt });
    const query = '{ dispatches { events(first: 1000) { events { kind dispatchId } } } }';
    await expect
      .poll(
        async () => {
          const { dispatches } = await office.ask<{
            dispatches: { events: { events: { kind: string; dispatchId: string }[] } };
          }>(query);
          return dispatches.events.events.filter(({ dispatchId }) => dispatchId === id).at(-1)?.kind;
        },
        { timeout: 10_000 },
      )
      .toBe('EXPIRED');
    await expect(runNow(office, id)).rejects.toThrow('It is EXPIRED');
    expect(await runsOf(office, id)).toEqual([]);
  });
});
