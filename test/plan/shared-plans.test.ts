import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { resolveConfig } from '../../gateway/config/config.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { startGateway, type RunningGateway } from '../../gateway/start.ts';
import type { StartedProgram } from '../../network/process.ts';
import { ask, type Answer } from '../kit/ask.ts';
import { makeFolder, type TestFolder } from '../kit/folder.ts';
import { LIBRARY, SHELF, SHELF_DATA } from '../kit/library.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';
import { startRedis } from '../kit/services.ts';
import { metricsAt, valueOf } from '../observe/metrics-kit.ts';

const OPERATIONS = [SHELF, '{ best { title postage } }', '{ best { title } }'];
const PATIENCE = { timeout: 30_000, interval: 20 };

let folder: TestFolder;
let program: StartedProgram;
let redis: Redis;
let federation: ServedFederation;
let first: RunningGateway;
let firstAnswers: Answer[];
const gateways: RunningGateway[] = [];

beforeAll(async () => {
  folder = await makeFolder('switchyard-plans-');
  program = await startRedis(folder.path);
  redis = new Redis(program.url, { retryStrategy: () => null });
  federation = await serveFederation(LIBRARY, { graphiql: false });
  first = await another();
  firstAnswers = await askAll(first);
  await vi.waitUntil(async () => (await sharedPlans()).length === OPERATIONS.length, PATIENCE);
}, 60_000);
afterAll(async () => {
  redis.disconnect();
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await federation.close();
  await program.stop();
  await folder.remove();
});

const sharedPlans = (): Promise<string[]> => redis.keys('switchyard:plan:*');

/** One more gateway before the same departments. @param supergraph default: the same file */
async function another(supergraph = federation.supergraphFile): Promise<RunningGateway> {
  // The time limit is made for production, not for a machine that runs every test at once.
  const cache = { enabled: false, redisUrl: program.url, timeoutMs: 10_000 };
  const config = resolveConfig({ supergraph, cache, http: { port: 0 }, metrics: { port: 0 }, graphiql: false }, {});
  const gateway = await startGateway(config, createLog({ write: () => undefined }));
  gateways.push(gateway);
  return gateway;
}

async function askAll({ url }: RunningGateway): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const operation of OPERATIONS) answers.push(await ask(url, operation));
  return answers;
}

/** How many operations a gateway planned, and what came of those that it looked for. */
async function plansOf({ metricsUrl }: RunningGateway): Promise<Record<'planned' | 'found' | 'broken', number>> {
  const all = await metricsAt(metricsUrl!);
  const lookedFor = (outcome: string): number => valueOf(all, 'switchyard_shared_plans_total', { outcome }) ?? 0;
  const planned = valueOf(all, 'switchyard_planning_seconds_count', { outcome: 'planned' }) ?? 0;
  return { planned, found: lookedFor('found'), broken: lookedFor('broken') };
}

test('a gateway with the same supergraph takes the plans of another from Redis, plans nothing, and gives the same answers', async () => {
  expect(firstAnswers[0]).toEqual({ data: SHELF_DATA });
  expect(await plansOf(first)).toEqual({ planned: OPERATIONS.length, found: 0, broken: 0 });
  const second = await another();
  expect(await askAll(second)).toEqual(firstAnswers);
  expect(await plansOf(second)).toEqual({ planned: 0, found: OPERATIONS.length, broken: 0 });
});

test('for another supergraph every operation is planned anew, and kept beside the plans of the first', async () => {
  const file = `${folder.path}/other.graphql`;
  await writeFile(file, `${await readFile(federation.supergraphFile, 'utf8')}\n# another\n`);
  const other = await another(file);
  expect(await askAll(other)).toEqual(firstAnswers);
  expect(await plansOf(other)).toEqual({ planned: OPERATIONS.length, found: 0, broken: 0 });
  await vi.waitUntil(async () => (await sharedPlans()).length === 2 * OPERATIONS.length, PATIENCE);
});

test('a plan that is broken, or of another supergraph, is counted and not taken, and the right one put in its place', async () => {
  const hash = createHash('sha256')
    .update(await readFile(federation.supergraphFile))
    .digest('hex');
  const keys = (await sharedPlans()).filter((key) => key.includes(hash));
  expect(keys).toHaveLength(OPERATIONS.length);
  const values = await redis.mget(keys);
  const planFor = (supergraph: string, serviceName: string): string => {
    const node = { kind: 'Fetch', serviceName, operation: '{best{title}}', operationKind: 'query' };
    return `\x11${JSON.stringify({ supergraph, plan: { kind: 'QueryPlan', node } })}`;
  };
  const broken = ['broken', planFor('of another', 'books'), planFor(hash, 'nobody')];
  for (const [index, key] of keys.entries()) await redis.set(key, broken[index]!);
  const third = await another();
  expect(await askAll(third)).toEqual(firstAnswers);
  expect(await plansOf(third)).toEqual({ planned: OPERATIONS.length, found: 0, broken: OPERATIONS.length });
  await vi.waitFor(async () => expect(await redis.mget(keys)).toEqual(values), PATIENCE);
});

test('while Redis is away a gateway plans by itself', async () => {
  await program.kill();
  const alone = await another();
  expect(await askAll(alone)).toEqual(firstAnswers);
  expect(await plansOf(alone)).toEqual({ planned: OPERATIONS.length, found: 0, broken: 0 });
});
