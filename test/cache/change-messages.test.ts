import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { Redis } from 'ioredis';
import { changeStream, readChanges, type ChangeReader } from '../../gateway/cache/change-messages.ts';
import { PROMISED_STALENESS_MS } from '../../gateway/cache/invalidation-log.ts';
import { connectRedis } from '../../gateway/cache/redis-connection.ts';
import { ask } from '../kit/ask.ts';
import { serveFederation } from '../kit/served-federation.ts';

/** A number of its own in the Redis that all tests share. */
const REDIS_URL = (): string => new URL('/7', inject('redisUrl')).href;

let redis: Redis;
const readers: ChangeReader[] = [];

beforeAll(async () => {
  redis = connectRedis({ redisUrl: REDIS_URL() }, 5_000) as Redis;
  await once(redis, 'ready');
});
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.close()));
});
afterAll(async () => {
  await redis.flushdb();
  await redis.quit();
});

function say(subgraph: string, changes: string): Promise<unknown> {
  return redis.xadd(changeStream(subgraph), '*', 'changes', changes);
}

/** Reads what a subgraph of this test alone says. @param take default: takes everything */
function read(subgraph: string, take: (message: unknown) => Promise<void> = () => Promise.resolve()) {
  const taken: unknown[] = [];
  const faults: unknown[] = [];
  readers.push(
    readChanges(connectRedis({ redisUrl: REDIS_URL() }, 5_000), {
      subgraphs: ['another', subgraph],
      async take(from, message) {
        await take(message);
        taken.push([from, message]);
      },
      onFault: (fault) => faults.push(fault),
    }),
  );
  return { taken, faults };
}

describe('what a department says has changed', () => {
  test('is taken by one of the gateways, and is in its stream no longer', async () => {
    const subgraph = randomUUID();
    await say(subgraph, '["early"]');
    const [one, other] = [read(subgraph), read(subgraph)];
    await vi.waitFor(() => expect([...one.taken, ...other.taken]).toEqual([[subgraph, ['early']]]), 5_000);
    await say(subgraph, '["late"]');
    await vi.waitFor(() => expect([...one.taken, ...other.taken]).toHaveLength(2), 5_000);
    await vi.waitFor(async () => expect(await redis.xlen(changeStream(subgraph))).toBe(0), 5_000);
  });

  test('comes again where it could not be taken', async () => {
    const subgraph = randomUUID();
    let tries = 0;
    const { taken } = read(subgraph, () =>
      (tries += 1) === 1 ? Promise.reject(new Error('away')) : Promise.resolve(),
    );
    await say(subgraph, '["x"]');
    await vi.waitFor(() => expect(taken).toEqual([[subgraph, ['x']]]), 10_000);
  });

  test('is taken by another where the gateway that has read it is no more', async () => {
    const subgraph = randomUUID();
    const stream = changeStream(subgraph);
    await redis.xgroup('CREATE', stream, 'gateways', '0', 'MKSTREAM');
    await say(subgraph, '["left"]');
    await redis.xreadgroup('GROUP', 'gateways', 'killed', 'STREAMS', stream, '>');
    const { taken } = read(subgraph);
    await vi.waitFor(() => expect(taken).toEqual([[subgraph, ['left']]]), 10_000);
  });

  test('is dropped where it cannot be read, and who runs the gateway is told', async () => {
    const subgraph = randomUUID();
    const { taken, faults } = read(subgraph);
    await say(subgraph, 'everything');
    await say(subgraph, '["x"]');
    await vi.waitFor(() => expect(taken).toEqual([[subgraph, ['x']]]), 5_000);
    expect(faults).toHaveLength(1);
  });
});

test('a gateway gives nothing that a department has said is changed, a second later', async () => {
  let visits = 0;
  const sdl = `
    directive @cacheControl(maxAge: Int) on OBJECT
    type Query { hall: Hall }
    type Hall @key(fields: "id") @cacheControl(maxAge: 600) { id: ID! visits: Int }`;
  const museum = { sdl, resolvers: { Query: { hall: () => ({ id: '1', visits: ++visits }) } } };
  const cache = { redisUrl: REDIS_URL(), timeoutMs: 2_000, invalidation: { changeStreams: true } };
  const federation = await serveFederation({ museum }, { cache });
  try {
    const visitsNow = async (): Promise<unknown> => (await ask(federation.url, '{ hall { visits } }')).data;
    const first = await visitsNow();
    await vi.waitFor(async () => expect(await visitsNow()).toEqual(await visitsNow()), 5_000);
    await say('museum', '[{"kind":"entity","type":"Hall","key":{"id":1}}]');
    await vi.waitFor(async () => expect(await visitsNow()).not.toEqual(first), 10 * PROMISED_STALENESS_MS);
  } finally {
    await federation.close();
  }
});
