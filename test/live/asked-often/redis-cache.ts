import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { projectRoot } from '../../../network/settings.ts';
import type { StartedProgram } from '../../../network/process.ts';
import { ask, type Answer } from '../../kit/ask.ts';
import { keepAsking } from '../../kit/asking-loop.ts';
import { makeFolder, type TestFolder } from '../../kit/folder.ts';
import { startRedis } from '../../kit/services.ts';
import { network } from './network.ts';

const ENTERPRISE_360 = readFileSync(`${projectRoot}schema/operations/enterprise-360.graphql`, 'utf8');
const PLACE_360 = readFileSync(`${projectRoot}schema/operations/place-360.graphql`, 'utf8');
/** A number of its own in the Redis that all tests share. */
const DATABASE = 5;
/** The default time limit is made for production, not for a machine that runs every test at once. */
const SECRET = 'forget it';
const PATIENT = { cache: { timeoutMs: 1_000, invalidation: { secret: SECRET } } };
const DEPARTMENTS = ['market', 'identity', 'tax', 'social-security', 'power'];

let redis: Redis;
let gatewayUrl: string;
let otherGatewayUrl: string;

beforeAll(async () => {
  const redisUrl = new URL(`/${DATABASE}`, inject('redisUrl')).href;
  redis = new Redis(redisUrl);
  gatewayUrl = await network.addGateway(PATIENT, { REDIS_URL: redisUrl });
  otherGatewayUrl = await network.addGateway(PATIENT, { REDIS_URL: redisUrl });
});
beforeEach(forget);
afterAll(() => redis.quit());

/** What the gateways remember is gone from their memories and from Redis. */
async function forget(): Promise<void> {
  const response = await fetch(new URL('/invalidation', gatewayUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: SECRET },
    body: JSON.stringify(DEPARTMENTS.map((subgraph) => ({ kind: 'subgraph', subgraph }))),
  });
  expect(await response.json()).toEqual({ count: DEPARTMENTS.length });
  const keys = await keysOfAnswers();
  if (keys.length > 0) await redis.del(...keys);
}

function keysOfAnswers(): Promise<string[]> {
  return redis.keys('switchyard:answer:*');
}

/** Asks once, and waits until all of the answer lies in Redis: the answer itself does not wait for that. */
async function askAndRemember(): Promise<Answer> {
  const answer = await ask(gatewayUrl, ENTERPRISE_360);
  expect(answer.errors).toBeUndefined();
  const { powerCustomers } = answer.data!['enterprise'] as { powerCustomers: unknown[] };
  const remembered = ['root of market', 'identity', 'tax', 'social security'].length + powerCustomers.length;
  await vi.waitFor(async () => expect(await keysOfAnswers()).toHaveLength(remembered), 5_000);
  return answer;
}

test('a second enterprise-360 sends no request to any department', async () => {
  let first: Answer | undefined;
  const firstRequests = await network.requestsDuring(async () => (first = await askAndRemember()));
  expect(firstRequests).toEqual({ market: 1, identity: 1, tax: 1, 'social-security': 1, power: 1 });
  expect(
    await network.requestsDuring(async () => expect(await ask(gatewayUrl, ENTERPRISE_360)).toEqual(first)),
  ).toEqual({});
});

test('a second place-360 sends no request to any department', async () => {
  const first = await ask(gatewayUrl, PLACE_360);
  expect(first.errors).toBeUndefined();
  await vi.waitFor(
    async () =>
      expect(await network.requestsDuring(async () => expect(await ask(gatewayUrl, PLACE_360)).toEqual(first))).toEqual(
        {},
      ),
    5_000,
  );
});

test('a gateway sends no request for what another gateway on the same Redis has asked', async () => {
  const first = await askAndRemember();
  expect(
    await network.requestsDuring(async () => expect(await ask(otherGatewayUrl, ENTERPRISE_360)).toEqual(first)),
  ).toEqual({});
});

test('a department that is down takes nothing away that is remembered', async () => {
  const first = await askAndRemember();
  await network.kill('tax');
  expect(await ask(gatewayUrl, ENTERPRISE_360)).toEqual(first);
  await forget();
  const { errors } = await ask(gatewayUrl, ENTERPRISE_360);
  expect(errors).toMatchObject([{ path: ['enterprise', 'taxpayer'], extensions: { service: 'tax' } }]);
  await network.restart('tax');
  expect(await ask(gatewayUrl, ENTERPRISE_360)).toEqual(first);
});

test('a gateway whose Redis is killed goes on answering in full, and remembers again once Redis is back', async () => {
  const folder = await makeFolder('switchyard-redis-');
  const programs = [await startRedis(folder.path)];
  const { url } = programs[0] as StartedProgram;
  try {
    const itsUrl = await network.addGateway(PATIENT, { REDIS_URL: url });
    const loop = keepAsking(itsUrl, ENTERPRISE_360, 2);
    await loop.reached(20);
    await programs[0]?.kill();
    await loop.reached(loop.answers.length + 40);
    programs.push(await startRedis(folder.path, Number(new URL(url).port)));
    await vi.waitFor(async () => expect(await cacheOf(itsUrl)).toMatchObject({ up: true }), 10_000);
    await loop.next(() => true);
    const answers = await loop.end();
    expect(answers.filter(({ errors }) => errors !== undefined)).toEqual([]);
    expect(answers.map(({ data }) => data).filter((data) => !isSame(data, answers[0]?.data))).toEqual([]);
    const longestMs = Math.max(...answers.map(({ askedAtMs, answeredAtMs }) => answeredAtMs - askedAtMs));
    console.log(
      `Redis killed and started again: ${answers.length} requests, all answered in full, the longest in ${Math.round(longestMs)} ms`,
    );
    expect(longestMs).toBeLessThan(5_000);
    // It gives nothing remembered until it knows again that nothing was invalidated.
    await vi.waitFor(
      async () => expect(await network.requestsDuring(() => ask(itsUrl, ENTERPRISE_360))).toEqual({}),
      10_000,
    );
  } finally {
    await cleanUp(programs, folder);
  }
});

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

async function cacheOf(gatewayUrl: string): Promise<unknown> {
  const response = await fetch(new URL('/ready', gatewayUrl));
  return ((await response.json()) as { cache: unknown }).cache;
}

async function cleanUp(programs: readonly StartedProgram[], folder: TestFolder): Promise<void> {
  await Promise.all(programs.map((program) => program.stop()));
  await folder.remove();
}
