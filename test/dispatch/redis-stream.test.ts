import { inspect } from 'node:util';
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { receiverSchema } from '../../gateway/config/dispatch-receivers.ts';
import type { Receiver } from '../../gateway/dispatch/delivery.ts';
import { openReceiver } from '../../gateway/dispatch/receivers/open-receiver.ts';
import { closingAfterEach } from '../kit/department.ts';
import { startRelay } from '../kit/database-relay.ts';
import { keepDigits } from './json-digits.ts';
import { deliveryOf, faultOf, receiverContractOf, unhurried, type ReceivedRow } from './receiver-contract.ts';

function open(redisUrl: string, stream: string, more: object = {}): Promise<Receiver> {
  const settings = receiverSchema.parse({ kind: 'redis-stream', redisUrl, stream, ...more });
  return openReceiver(settings, { signingKey: undefined });
}

type Entry = [id: string, fields: string[]];

for (const stream of [`deliveries-${randomUUID()}`, `fed:{${randomUUID()}}:in`])
  receiverContractOf(`a stream of Redis that is called ${stream.replaceAll(/[\da-f-]{36}/g, '…')}`, async () => {
    const redis = new Redis(inject('redisUrl'));
    const relay = await startRelay(inject('redisUrl'), () => () => undefined);
    return {
      open: () => open(relay.url, stream),
      openDown: () => open('redis://user:hunter2@127.0.0.1:1', stream),
      state: async (dispatch) => stateOf(await redis.xrange(stream, '-', '+'), dispatch),
      snapshot: async () => redis.xrange(stream, '-', '+'),
      async stall() {
        const go = relay.hold();
        return async () => go();
      },
      secrets: ['hunter2'],
      async close() {
        await redis.del(stream, ...(await redis.keys(`*${/[\da-f-]{36}/.exec(stream)![0]}*`)));
        redis.disconnect();
        await relay.close();
      },
    };
  });

describe('A stream of Redis', () => {
  const closing = closingAfterEach();
  const stream = `small-${randomUUID()}`;
  const ours = { columns: [{ name: 'id', type: 'text' as const }], key: ['id'] };
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(inject('redisUrl'));
  });
  afterAll(async () => {
    await redis.del(stream, ...(await redis.keys(`{${stream}}*`)));
    redis.disconnect();
  });

  test('has an entry for each row and one at the end of a run, each with where it belongs', async () => {
    const receiver = closing(await open(inject('redisUrl'), stream));
    const first = deliveryOf({ ...ours, dispatch: 'd', content: 'changes', isLast: false, rows: [['1']] });
    await receiver.deliver(first, unhurried());
    await receiver.deliver(
      { ...first, part: 2, isLast: true, idempotencyKey: 'd:1:2', rows: [], removed: [['2']] },
      unhurried(),
    );
    const entries = (await redis.xrange(stream, '-', '+')).map(fieldsOf);
    const shared = { dispatch: 'd', run: '1', content: 'changes' };
    const second = { ...shared, part: '2', 'idempotency-key': 'd:1:2' };
    expect(entries).toEqual([
      { ...shared, part: '1', 'idempotency-key': 'd:1:1', change: 'UPSERT', row: '{"id":"1"}' },
      { ...second, change: 'REMOVED', row: '{"id":"2"}' },
      { ...second, change: 'END' },
    ]);
  });

  test('keeps about as many entries as it is told, and its markers for as long', async () => {
    const receiver = closing(await open(inject('redisUrl'), stream, { maxLength: 100, keepDays: 2 }));
    const rows = Array.from({ length: 2_000 }, (_, at) => [`${at}`]);
    await receiver.deliver(deliveryOf({ ...ours, dispatch: 'long', rows }), unhurried());
    expect(await redis.xlen(stream)).toBeLessThan(400);
    const seconds = await redis.ttl(`{${stream}}:taken:long:1:1`);
    expect(seconds).toBeGreaterThan(172_000);
    expect(seconds).toBeLessThanOrEqual(172_800);
  });

  test('takes once what several bring at the same time, and is none where the key holds something else', async () => {
    const receiver = closing(await open(inject('redisUrl'), stream));
    const same = deliveryOf({ ...ours, dispatch: 'same', rows: [['once']] });
    await Promise.all(Array.from({ length: 8 }, () => receiver.deliver(same, unhurried())));
    const entries = (await redis.xrange(stream, '-', '+')).map(fieldsOf);
    expect(entries.filter(({ row }) => row === '{"id":"once"}')).toHaveLength(1);
    await redis.set(`{${stream}}:text`, 'x');
    const wrong = closing(await open(inject('redisUrl'), `{${stream}}:text`));
    const fault = await faultOf(wrong.deliver(same, unhurried()));
    expect(fault).toMatchObject({ code: 'RECEIVER_REFUSED', isLasting: true });
    expect(inspect(fault, { depth: 10 })).not.toContain('once');
  });
});

function fieldsOf([, fields]: Entry): Record<string, string> {
  return Object.fromEntries(fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1]!]] : [])));
}

/** What a reader has that takes the entries in their order. */
function stateOf(entries: Entry[], dispatch: string): ReceivedRow[] {
  const rows = new Map<unknown, { run: string; row: ReceivedRow }>();
  for (const fields of entries.map(fieldsOf).filter((each) => each['dispatch'] === dispatch)) {
    const { change, content, run = '' } = fields;
    const row = JSON.parse(fields['row'] ?? '{}', keepDigits) as ReceivedRow;
    if (change === 'UPSERT') rows.set(row['uscc'], { run, row });
    else if (change === 'REMOVED') rows.delete(row['uscc']);
    else if (content === 'full') for (const [key, known] of rows) if (known.run !== run) rows.delete(key);
  }
  return [...rows.values()].map(({ row }) => {
    const { tags = null } = row;
    return { ...row, tags: tags === null ? null : JSON.stringify(tags) };
  });
}
