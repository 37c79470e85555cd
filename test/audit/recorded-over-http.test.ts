import { hash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { TrailRecord } from '../../gateway/audit/entry.ts';
import { readChain } from '../../gateway/audit/store.ts';
import { verifyStore } from '../../gateway/audit/verify-store.ts';
import type { ConfigInput } from '../../gateway/config/config.ts';
import { freePort } from '../kit/department.ts';
import { serveFederation } from '../kit/served-federation.ts';
import { makePlace, type TrailPlace } from './trail-kit.ts';

const SUBGRAPHS = {
  people: {
    sdl: `
      type Query { person(pid: ID!): Person }
      type Person @key(fields: "pid") { pid: ID! name: String }`,
    resolvers: {
      Query: { person: (_: unknown, { pid }: { pid: string }) => ({ pid, name: 'Åsa Planted' }) },
    },
  },
  courts: {
    sdl: 'type Person @key(fields: "pid") { pid: ID! cases: [String!] }',
    resolvers: { Person: { cases: () => ['planted-case-4711'] } },
  },
};

async function serve(config: ConfigInput = {}) {
  const place = await makePlace();
  const { maxDelayMs } = place.settings();
  const audit = { ...place.settings(), maxDelayMs };
  const served = await serveFederation(SUBGRAPHS, { graphiql: false, ...config, audit: { ...audit, ...config.audit } });
  onTestFinished(async () => {
    await served.close();
    await place.close();
  });
  return { place, ...served };
}

async function post(url: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body,
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, queryId: response.headers.get('switchyard-query-id'), bytes };
}

async function records(place: TrailPlace): Promise<TrailRecord[]> {
  const store = await place.store();
  const found: TrailRecord[] = [];
  for (const { chain } of await store.chains())
    for await (const item of readChain(store, chain))
      if (item.kind === 'record') found.push(JSON.parse(item.text) as TrailRecord);
  return found;
}

const OPERATION = 'query One($pid: ID!) { person(pid: $pid) { name cases } }';

test('what a client was sent has the digest that its record says, whatever it was', async () => {
  const { url, place } = await serve();
  const bodies = [
    JSON.stringify({ query: OPERATION, variables: { pid: 'planted-pid-1' } }),
    JSON.stringify({ query: '{ person { name } }' }),
    JSON.stringify({ query: '{ __schema { queryType { name } } __typename }' }),
    JSON.stringify({ query: 'query ($pid: ID!) { person(pid: $pid) { name } }', variables: { pid: ['Åsa'] } }),
  ];
  const sent = [];
  for (const body of bodies) sent.push(await post(url, body));
  // Without being waited for: each was durable before it was answered.
  const found = await records(place);
  expect(found.map(({ queryId }) => queryId)).toEqual(sent.map(({ queryId }) => queryId));
  for (const [index, { bytes }] of sent.entries()) {
    expect(found[index]).toMatchObject({ answerDigest: hash('sha256', bytes), answerBytes: bytes.length });
  }
  expect(found.map(({ outcome }) => outcome)).toEqual(['answered', 'refused', 'answered', 'refused']);
  expect(found[0]!.variablesDigest).toBe(hash('sha256', '{"pid":"planted-pid-1"}'));
  expect(found[0]!.operationHash).toBe(hash('sha256', OPERATION));
});

test('no value is in any byte of what the trail keeps', async () => {
  const { url, place, logged } = await serve();
  const { bytes } = await post(url, JSON.stringify({ query: OPERATION, variables: { pid: 'planted-pid-1' } }));
  expect(bytes.toString()).toContain('planted-case-4711');
  await post(
    url,
    JSON.stringify({ query: '{ person(pid: "planted-pid-2") { name } }', operationName: 'planted-name' }),
  );
  await post(url, JSON.stringify({ query: '{ planted-garbage' }));
  expect(await records(place)).toHaveLength(3);
  for (const file of readdirSync(place.folder)) {
    const content = readFileSync(path.join(place.folder, file)).toString('latin1');
    expect(content).not.toMatch(/planted/i);
  }
  expect(logged.join('')).not.toMatch(/planted/i);
});

test('who cannot prove who they are is refused and leaves no record: nothing is asked of the graph', async () => {
  const apiKeys = [{ name: 'desk', sha256: hash('sha256', 'the right key') }];
  const { url, place } = await serve({ identity: { apiKeys } });
  const body = JSON.stringify({ query: OPERATION, variables: { pid: 'planted-pid-1' } });
  expect(await post(url, body, { 'x-api-key': 'the wrong key' })).toMatchObject({ status: 401, queryId: null });
  expect(await records(place)).toEqual([]);
  expect(await post(url, body, { 'x-api-key': 'the right key' })).toMatchObject({ status: 200 });
  expect(await records(place)).toMatchObject([{ initiatorPerson: 'desk', proof: 'api-key:desk' }]);
});

test('an answer that explains itself is recorded by the digest of the one that does not', async () => {
  const { url, place } = await serve({ explain: { secret: 'tell me' } });
  const body = JSON.stringify({ query: OPERATION, variables: { pid: 'planted-pid-1' } });
  const plain = await post(url, body);
  const explained = await post(url, body, { 'switchyard-explain': 'tell me' });
  expect(explained.bytes.length).toBeGreaterThan(plain.bytes.length);
  const found = await records(place);
  expect(found[1]).toMatchObject({ queryId: explained.queryId, answerDigest: hash('sha256', plain.bytes) });
});

test('readiness tells of the trail, and a gateway that is closed has written what was to be written soon', async () => {
  const { url, place, close } = await serve({ audit: { soonClasses: ['unclassified'] } });
  const ready = await fetch(new URL('/ready', url));
  expect(await ready.json()).toMatchObject({
    ready: true,
    trail: { up: true, isDurable: true, store: expect.stringContaining('trail.db'), waiting: 0 },
  });
  const body = JSON.stringify({ query: OPERATION, variables: { pid: 'planted-pid-1' } });
  const sent = await Promise.all(Array.from({ length: 20 }, () => post(url, body)));
  await close();
  const store = await place.store();
  expect(await verifyStore(store)).toMatchObject({ ok: true, records: 20, chains: [{ isClosed: true }] });
  const ids = (await records(place)).map(({ queryId }) => queryId);
  expect(new Set(ids)).toEqual(new Set(sent.map(({ queryId }) => queryId)));
});

test('readiness tells that the time-stamping authority is away, without its address, and the gateway is ready', async () => {
  const timeStamps = { url: `http://127.0.0.1:${await freePort()}/`, everyMs: 20 };
  const { url } = await serve({ audit: { timeStamps } });
  const ready = async (): Promise<unknown> => (await fetch(new URL('/ready', url))).json();
  await expect
    .poll(ready, { timeout: 30_000 })
    .toMatchObject({ ready: true, trail: { up: true, timeStamps: { up: false } } });
  expect(JSON.stringify(await ready())).not.toContain('127.0.0.1');
});

test('a gateway whose trail cannot be opened does not start, and says why', async () => {
  const place = await makePlace();
  onTestFinished(() => place.close());
  const audit = { ...place.settings(), store: path.join(place.folder, 'key.pem/trail.db') };
  await expect(serveFederation(SUBGRAPHS, { audit })).rejects.toMatchObject({ code: 'TRAIL_UNAVAILABLE' });
});
