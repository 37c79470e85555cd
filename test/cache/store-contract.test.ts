import { randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { resolveConfig } from '../../gateway/config/config.ts';
import { createMemoryStore } from '../../gateway/cache/memory-store.ts';
import { openCache } from '../../gateway/cache/open-cache.ts';
import { connectRedis, type RedisSettings } from '../../gateway/cache/redis-connection.ts';
import { createRedisStore } from '../../gateway/cache/redis-store.ts';
import type { CacheEntry, CacheStore, RememberedAnswer } from '../../gateway/cache/store.ts';
import { createTwoLevelStore } from '../../gateway/cache/two-level-store.ts';
import type { StartedProgram } from '../../network/process.ts';
import { makeFolder, type TestFolder } from '../kit/folder.ts';
import { startRedisCluster, type TestCluster } from '../kit/redis-cluster.ts';
import { startRedisSentinel, type TestSentinel } from '../kit/redis-sentinel.ts';
import { startRedis } from '../kit/services.ts';

let folder: TestFolder;
let cluster: TestCluster;
let sentinel: TestSentinel;
let overTls: StartedProgram;
let tlsFiles: { certFile: string; keyFile: string };

beforeAll(async () => {
  folder = await makeFolder('switchyard-stores-');
  tlsFiles = makeCertificate(folder.path);
  const env = { REDIS_CERTIFICATE: tlsFiles.certFile, REDIS_KEY: tlsFiles.keyFile };
  [cluster, sentinel, overTls] = await Promise.all([
    startRedisCluster(folder.path),
    startRedisSentinel(folder.path),
    startRedis(folder.path, 0, env),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([cluster.stop(), sentinel.stop(), overTls.stop()]);
  await folder.remove();
});

/** A certificate that vouches for itself, for 127.0.0.1. */
function makeCertificate(path: string): { certFile: string; keyFile: string } {
  const [certFile, keyFile] = [join(path, 'redis.crt'), join(path, 'redis.key')];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const named = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...made, ...named, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' });
  return { certFile, keyFile };
}

const inRedis = (settings: RedisSettings): CacheStore =>
  createRedisStore(connectRedis(settings, 1_000), () => undefined);

const bySentinel = (): { redisSentinel: NonNullable<RedisSettings['redisSentinel']> } => ({
  redisSentinel: { master: sentinel.master, urls: [sentinel.url] },
});

/** Every store must pass the same tests. */
const STORES: [string, () => CacheStore][] = [
  ['memory', () => createMemoryStore(1_000_000)],
  ['Redis', () => inRedis({ redisUrl: inject('redisUrl') })],
  ['Redis over TLS', () => inRedis({ redisUrl: overTls.url, redisTls: { caFile: tlsFiles.certFile } })],
  ['the master that Sentinel names', () => inRedis(bySentinel())],
  ['a cluster of Redis', () => inRedis({ redisCluster: [...cluster.urls] })],
  [
    'memory before Redis',
    () => createTwoLevelStore(createMemoryStore(1_000_000), inRedis({ redisUrl: inject('redisUrl') })),
  ],
];

const IN_A_MINUTE = Date.now() + 60_000;

/** Bytes of UTF-8 as characters, as answers are kept. */
function answer(text: string, ifErrorUntilMs = IN_A_MINUTE): RememberedAnswer {
  const bytes = Buffer.from(text).toString('latin1');
  return {
    bytes,
    isAscii: bytes === text,
    times: { log: 'test', at: 7, askedAtMs: 1, freshUntilMs: 2, revalidateUntilMs: 3, ifErrorUntilMs },
  };
}

function entry(name: string, text: string, ifErrorUntilMs?: number): CacheEntry {
  return { name, answer: answer(text, ifErrorUntilMs) };
}

let store: CacheStore;
afterEach(() => store.close());

describe.each(STORES)('the store in %s', (_name, open) => {
  const opened = async (): Promise<string> => {
    store = open();
    await vi.waitFor(() => expect(store.isUp()).toBe(true));
    return `test:{${randomUUID()}}`;
  };

  test('gives back what was set, in the order asked for, and undefined for what it does not know', async () => {
    const group = await opened();
    await store.setMany(group, [entry('a', '{"x":"é\u{1F600}"}'), entry('b', '')]);
    expect(await store.getMany(group, ['b', 'none', 'a', 'b'])).toEqual([
      answer(''),
      undefined,
      answer('{"x":"é\u{1F600}"}'),
      answer(''),
    ]);
  });

  test('lets the later value stand', async () => {
    const group = await opened();
    await store.setMany(group, [entry('a', '1')]);
    await store.setMany(group, [entry('a', '2')]);
    expect(await store.getMany(group, ['a'])).toEqual([answer('2')]);
  });

  test('forgets a value when its time is over', async () => {
    const group = await opened();
    await store.setMany(group, [entry('short', '1', Date.now() + 30), entry('long', '2')]);
    await vi.waitFor(
      async () => expect(await store.getMany(group, ['short', 'long'])).toEqual([undefined, answer('2')]),
      2_000,
    );
  });

  test('gives a long answer back as it was', async () => {
    const group = await opened();
    const long = JSON.stringify(Array.from({ length: 2_000 }, (_, index) => ({ index, name: `Größe ${index}` })));
    await store.setMany(group, [entry('long', long)]);
    expect(await store.getMany(group, ['long'])).toEqual([answer(long)]);
  });

  test('does not remember what may not be remembered at all', async () => {
    const group = await opened();
    await store.setMany(group, [entry('a', '1', Date.now())]);
    expect(await store.getMany(group, ['a'])).toEqual([undefined]);
  });

  test('takes nothing and is asked nothing without complaint', async () => {
    const group = await opened();
    await store.setMany(group, []);
    expect(await store.getMany(group, [])).toEqual([]);
  });
});

describe('the store in memory', () => {
  test('stays within its bytes, least recently used first out', async () => {
    store = createMemoryStore(10_000);
    const entries = Array.from({ length: 20 }, (_, index) => entry(`k${index}`, 'x'.repeat(700)));
    await store.setMany('g', entries);
    const kept = await store.getMany(
      'g',
      entries.map(({ name }) => name),
    );
    expect(kept.filter((value) => value !== undefined).length).toBeLessThan(10);
    expect(kept.at(-1)).toBeDefined();
    expect(kept[0]).toBeUndefined();
  });
});

describe('the full store in memory', () => {
  /** Does what a cache does with what is asked for: looks it up, fetches it where it is not there, and keeps it where it is wanted. */
  const ask = async (names: readonly string[], ifErrorUntilMs?: number): Promise<string[]> => {
    const found = await store.getMany('g', names);
    const wanted = store.wantedOf('g', names).filter((index) => found[index] === undefined);
    await store.setMany(
      'g',
      wanted.map((index) => entry(names[index]!, 'x'.repeat(500), ifErrorUntilMs)),
    );
    return names.filter((_, index) => found[index] !== undefined);
  };
  const named = (start: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${start}${index}`);

  test('keeps what is asked for again, whatever flood of what is asked for once goes by', async () => {
    store = createMemoryStore(100_000);
    const often = named('often', 10);
    await ask(often);
    for (let turn = 0; turn < 50; turn++) {
      await ask(named(`once${turn}-`, 40));
      expect(await ask(often)).toEqual(often);
    }
    expect(await ask(named('once49-', 40))).toEqual([]);
    await ask(named('late', 3));
    await ask(named('late', 3));
    expect(await ask(named('late', 3))).toEqual(named('late', 3));
  });

  test('takes what is new in the place of what is over', async () => {
    store = createMemoryStore(100_000);
    const untilMs = Date.now() + 20;
    for (let turn = 0; turn < 20; turn++) await ask(named(`short${turn}-`, 10), untilMs);
    expect(store.wantedOf('g', ['new'])).toEqual([]);
    await vi.waitFor(() => expect(store.wantedOf('g', ['new'])).toEqual([0]), { timeout: 5_000, interval: 5 });
  });
});

describe('the store in Redis', () => {
  test('knows nothing while Redis is away, at once, and says that it is', async () => {
    const problems: (Error | undefined)[] = [];
    store = createRedisStore(connectRedis({ redisUrl: 'redis://127.0.0.1:1' }, 100), (problem) =>
      problems.push(problem),
    );
    await store.setMany('g', [entry('a', '1')]);
    expect(await store.getMany('g', ['a', 'b'])).toEqual([undefined, undefined]);
    await vi.waitFor(() => expect(problems).toHaveLength(1));
    expect(store.isUp()).toBe(false);
  });
});

describe('the store in memory before Redis', () => {
  test('keeps what another has put into Redis, and looks there again for what is no longer of use', async () => {
    const far = inRedis({ redisUrl: inject('redisUrl') });
    store = createTwoLevelStore(createMemoryStore(1_000_000), far);
    await vi.waitFor(() => expect(far.isUp()).toBe(true));
    const group = `test:{${randomUUID()}}`;
    const [first, second] = [answer('1'), answer('2')];
    await far.setMany(group, [{ name: 'a', answer: first }]);
    expect(await store.getMany(group, ['a'])).toEqual([first]);
    await far.setMany(group, [{ name: 'a', answer: second }]);
    expect(await store.getMany(group, ['a'])).toEqual([first]);
    expect(await store.getMany(group, ['a'], ({ bytes }) => bytes !== '1')).toEqual([second]);
    expect(await store.getMany(group, ['a'])).toEqual([second]);
  });
});

describe('the cache in the master that Sentinel names', () => {
  const PATIENCE = { timeout: 90_000, interval: 20 };

  test(
    'is back by the promoted replica once the master is killed, with what it had, and takes what comes',
    { timeout: 120_000 },
    async () => {
      store = inRedis(bySentinel());
      const problems: boolean[] = [];
      const cache = await openCache(resolveConfig({ cache: { ...bySentinel(), timeoutMs: 1_000 } }, {}).cache, {
        onProblem: (problem) => void problems.push(problem !== undefined),
        onLost: () => undefined,
      });
      try {
        await vi.waitUntil(() => store.isUp() && cache.isUp(), PATIENCE);
        const group = `test:{${randomUUID()}}`;
        await store.setMany(group, [entry('before', '1')]);
        await sentinel.killMaster();
        await vi.waitUntil(() => !cache.isUp(), PATIENCE);
        await vi.waitUntil(() => store.isUp() && cache.isUp(), PATIENCE);
        expect(problems).toEqual([true, false]);
        await cache.store.setMany(group, [entry('after', '2')]);
        expect(await store.getMany(group, ['before', 'after'])).toEqual([answer('1'), answer('2')]);
        await vi.waitFor(() => cache.log.invalidate(['a mark']), PATIENCE);
      } finally {
        await cache.close();
      }
    },
  );
});
