import { createHash, randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import type { ConfigInput } from '../../gateway/config/config.ts';
import { PersistedQueries } from '../../gateway/operation/persisted-queries.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';
import { metricsAt, valueOf } from '../observe/metrics-kit.ts';

const ONLY = { only: { sdl: 'type Query { hello: String }', resolvers: { Query: { hello: () => 'world' } } } };
const RIGHT = { status: 200, data: { hello: 'world' } };
const NOT_FOUND = {
  status: 200,
  errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
};

let redis: Redis;
let first: ServedFederation;
let second: ServedFederation;
let alone: ServedFederation;

beforeAll(async () => {
  redis = new Redis(inject('redisUrl'));
  // The time limit is made for production, not for a machine that runs every test at once.
  const cache = { enabled: false, redisUrl: inject('redisUrl'), timeoutMs: 10_000 };
  const serve = (more: ConfigInput): Promise<ServedFederation> =>
    serveFederation(ONLY, { graphiql: false, metrics: { port: 0 }, ...more });
  [first, second, alone] = await Promise.all([
    serve({ cache }),
    serve({ cache }),
    serve({ persistedQueries: { enabled: false } }),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([first, second, alone].map((each) => each.close()));
  await redis.quit();
});

/** An operation that nobody has sent before. */
function newText(selection = 'hello'): string {
  return `{ ${selection} } # ${randomUUID()}`;
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function persistedQuery(sha256Hash: unknown, version: unknown = 1): { persistedQuery: object } {
  return { persistedQuery: { version, sha256Hash } };
}

async function post({ url }: ServedFederation, body: object): Promise<{ status: number }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, ...((await response.json()) as object) };
}

async function outcomesAt({ metricsUrl }: ServedFederation, outcome: string): Promise<number> {
  return valueOf(await metricsAt(metricsUrl!), 'switchyard_persisted_queries_total', { outcome }) ?? 0;
}

test('an operation is known by its hash once its text was sent with it, by POST and by GET', async () => {
  const query = newText();
  const extensions = persistedQuery(sha256Of(query));
  expect(await post(first, { extensions })).toEqual(NOT_FOUND);
  expect(await post(first, { query, extensions })).toEqual(RIGHT);
  expect(await post(first, { extensions })).toEqual(RIGHT);
  const upper = persistedQuery(sha256Of(query).toUpperCase());
  const byGet = await fetch(`${first.url}?extensions=${encodeURIComponent(JSON.stringify(upper))}`);
  expect(await byGet.json()).toEqual({ data: RIGHT.data });
});

test('nobody is to keep the answer that an operation is not known', async () => {
  const extensions = JSON.stringify(persistedQuery(sha256Of(newText())));
  const response = await fetch(`${first.url}?extensions=${encodeURIComponent(extensions)}`);
  expect(await response.json()).toEqual({ errors: NOT_FOUND.errors });
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('a gateway knows what was sent to another one on the same Redis, and what Redis has there is taken for it only if it has the hash', async () => {
  const [query, forged] = [newText(), newText()];
  const extensions = persistedQuery(sha256Of(query));
  expect(await post(first, { query, extensions })).toEqual(RIGHT);
  const key = `switchyard:query:${sha256Of(query)}`;
  const stored = await vi.waitUntil(() => redis.getBuffer(key), { timeout: 30_000, interval: 10 });
  await redis.set(`switchyard:query:${sha256Of(forged)}`, stored);
  expect(await post(second, { extensions: persistedQuery(sha256Of(forged)) })).toEqual(NOT_FOUND);
  expect(await outcomesAt(second, 'broken')).toBe(1);
  expect(await post(second, { extensions })).toEqual(RIGHT);
  expect(await outcomesAt(second, 'shared')).toBe(1);
  await redis.del(key);
  expect(await post(second, { extensions })).toEqual(RIGHT);
  expect(await outcomesAt(second, 'known')).toBe(1);
});

test('a text with another hash is refused, and what cannot be run is not kept', async () => {
  const [query, invalid] = [newText(), newText('nothing')];
  expect(await post(first, { query, extensions: persistedQuery(sha256Of(invalid)) })).toMatchObject({
    status: 400,
    errors: [{ extensions: { code: 'PERSISTED_QUERY_HASH_MISMATCH' } }],
  });
  expect(await post(first, { extensions: persistedQuery(sha256Of(query)) })).toEqual(NOT_FOUND);
  expect(await post(first, { query: invalid, extensions: persistedQuery(sha256Of(invalid)) })).toMatchObject({
    status: 400,
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  expect(await post(first, { extensions: persistedQuery(sha256Of(invalid)) })).toEqual(NOT_FOUND);
});

test.each([
  ['a hash that is none', persistedQuery('abc'), 400, 'BAD_REQUEST'],
  ['no hash', { persistedQuery: { version: 1 } }, 400, 'BAD_REQUEST'],
  ['something else', { persistedQuery: 'abc' }, 200, 'PERSISTED_QUERY_NOT_SUPPORTED'],
  ['another version', persistedQuery(sha256Of(''), 2), 200, 'PERSISTED_QUERY_NOT_SUPPORTED'],
])('%s is refused', async (_name, extensions, status, code) => {
  expect(await post(first, { extensions })).toMatchObject({ status, errors: [{ extensions: { code } }] });
});

test('where they are switched off clients are told so, and an operation that comes with its text is run', async () => {
  const query = newText();
  const extensions = persistedQuery(sha256Of(query));
  expect(await post(alone, { query, extensions })).toEqual(RIGHT);
  expect(await post(alone, { extensions })).toEqual({
    status: 200,
    errors: [{ message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
  });
});

test('texts stay within their bytes, least recently asked for first out', () => {
  const queries = new PersistedQueries({ maxBytes: 3_000, texts: undefined, onLookedFor: () => undefined });
  const texts = Array.from({ length: 4 }, () => newText().padEnd(700));
  for (const text of texts.slice(0, 3)) queries.keep(sha256Of(text), text);
  expect(queries.find(sha256Of(texts[0]!))).toBe(texts[0]);
  queries.keep(sha256Of(texts[3]!), texts[3]!);
  expect(texts.map((text) => queries.find(sha256Of(text)))).toEqual([texts[0], undefined, texts[2], texts[3]]);
});
