import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { customs } from '../../subgraphs/customs/department.ts';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { generateCity } from '../../systems/city/generate.ts';
import { customsMadeFrom, seedCustoms } from '../../systems/customs/seed.ts';
import { ask } from '../kit/ask.ts';
import { askEntities } from '../kit/department.ts';

const { customsDeclarations } = generateCity({ enterprises: 500, months: 1 });
/** A database of the run's Redis that no other test uses. */
const url = `${inject('redisUrl')}/6`;
let subgraph: RunningSubgraph;
let redis: Redis;
beforeAll(async () => {
  redis = new Redis(url);
  await seedCustoms(url, customsDeclarations, 'one');
  subgraph = await serveDepartment(customs, { CUSTOMS_REDIS_URL: url, PORT: '0' });
});
afterAll(async () => {
  await subgraph.close();
  await redis.flushdb();
  redis.disconnect();
});

const told = customsDeclarations.map(({ uscc, steps, ...declaration }) => ({
  ...declaration,
  ...{ trader: { uscc }, status: steps.at(-1)!.status, statusAt: new Date(steps.at(-1)!.atMs).toISOString() },
  synthetic: true,
}));

test('of every declaration what the last message says comes back, and an unknown one is null', async () => {
  const keys = [...told.map(({ declarationNo }) => declarationNo), 'D2026-99999999', 'x'];
  const answer = await askEntities(
    subgraph.url,
    keys.map((declarationNo) => ({ __typename: 'CustomsDeclaration', declarationNo })),
    `... on CustomsDeclaration { declarationNo customsCode trader { uscc } direction chapter valueCny declaredOn status statusAt synthetic }`,
  );
  expect(answer).toEqual({ data: { _entities: [...told, null, null] } });
  expect(customsDeclarations.some(({ steps }) => steps.length === 3)).toBe(true);
});

test('an enterprise has what it declared, the newest first', async () => {
  const traders = [...new Set(customsDeclarations.map(({ uscc }) => uscc)), '99999999999999999X'];
  const answer = await askEntities(
    subgraph.url,
    traders.map((uscc) => ({ __typename: 'Enterprise', uscc })),
    '... on Enterprise { customsDeclarations { declaredOn declarationNo } }',
  );
  const expected = traders.map((uscc) => ({
    customsDeclarations: customsDeclarations
      .filter((declaration) => declaration.uscc === uscc)
      .map(({ declaredOn, declarationNo }) => ({ declaredOn, declarationNo }))
      .toSorted(
        (one, other) =>
          other.declaredOn.localeCompare(one.declaredOn) || one.declarationNo.localeCompare(other.declarationNo),
      ),
  }));
  expect(answer).toEqual({ data: { _entities: expected } });
});

test('a message that comes later counts, and one that is none is counted', async () => {
  const { declarationNo } = told[0]!;
  const body = (status: string): string => JSON.stringify({ declaration: { no: declarationNo }, status });
  await redis.xadd('customs:declarations', '*', 'body', 'no JSON');
  await redis.xadd('customs:declarations', '*', 'body', body('I'));
  const query = `query ($declarationNo: ID!) {
    customsDeclaration(declarationNo: $declarationNo) { status chapter } customsStreams { stream aside fault } }`;
  const look = async () => (await ask(subgraph.url, query, { declarationNo })).data;
  await expect.poll(look, { timeout: 10_000 }).toEqual({
    customsDeclaration: { status: 'INSPECTED', chapter: null },
    customsStreams: [{ stream: 'customs:declarations', aside: 1, fault: null }],
  });
});

test('a stream of the same is kept, another one replaced, and one that no seed made left alone', async () => {
  const length = () => redis.xlen('customs:declarations');
  const [before] = [await length()];
  await seedCustoms(url, customsDeclarations, 'one');
  expect([await length(), await customsMadeFrom(url)]).toEqual([before, 'one']);
  await seedCustoms(url, customsDeclarations.slice(0, 10), 'two');
  expect(await customsMadeFrom(url)).toBe('two');
  expect(await length()).toBe(customsDeclarations.slice(0, 10).flatMap(({ steps }) => steps).length);
  await redis.del('customs:declarations:made-from');
  await expect(seedCustoms(url, customsDeclarations, 'three')).rejects.toThrow('that npm start did not make');
});

test('without its Redis it does not start', async () => {
  await expect(serveDepartment(customs, { PORT: '0' })).rejects.toThrow('CUSTOMS_REDIS_URL is not set');
  await expect(serveDepartment(customs, { CUSTOMS_REDIS_URL: 'redis://127.0.0.1:1', PORT: '0' })).rejects.toThrow(
    /Redis does not let us in \(.*\); check CUSTOMS_REDIS_URL/,
  );
});
