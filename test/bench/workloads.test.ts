import { describe, expect, test } from 'vitest';
import { createAnswerer } from '../../bench/federation/answer.ts';
import { startFederation } from '../../bench/federation/federation.ts';
import type { Ask } from '../../bench/hand-written/ask.ts';
import { answerDistinct } from '../../bench/hand-written/distinct.ts';
import { answerHeavy } from '../../bench/hand-written/heavy.ts';
import { answerWide } from '../../bench/hand-written/wide.ts';
import { firstDifference } from '../../bench/runner.ts';
import { median, slopeOf } from '../../bench/statistics.ts';
import { findWorkload, WORKLOADS } from '../../bench/workloads/catalogue.ts';
import type { Values, Workload } from '../../bench/workloads/workload.ts';
import { resolveConfig } from '../../gateway/config/config.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { startGateway } from '../../gateway/start.ts';
import { ask as askGateway } from '../kit/ask.ts';

/** Asks a workload's subgraphs in this process, and counts. */
function askHere({ subgraphs }: Workload): { ask: Ask; count(): number } {
  const answerers = new Map(subgraphs.map((subgraph) => [subgraph.name, createAnswerer(subgraph)]));
  let asked = 0;
  const ask: Ask = <Data>(subgraph: string, query: string, variables: object = {}) => {
    asked += 1;
    const { data } = JSON.parse(answerers.get(subgraph)!(query, variables as Values)) as { data: Data };
    return Promise.resolve(data);
  };
  return { ask, count: () => asked };
}

describe.each([...WORKLOADS, await findWorkload('growth-3-4-6')])('the workload $name', (workload) => {
  test('is answered by the gateway as its own data say', async () => {
    const federation = await startFederation(workload);
    try {
      const input = { supergraph: federation.supergraphFile, http: { port: 0 }, cache: { enabled: false } };
      const gateway = await startGateway(resolveConfig(input, {}), createLog({ write: () => undefined }));
      try {
        const variables = workload.variables?.(7) ?? {};
        const answer = await askGateway(gateway.url, workload.query, variables);
        expect(answer.errors).toBeUndefined();
        expect(answer.data).toEqual(workload.answer(variables));
        expect(await federation.countRequests()).toBeGreaterThanOrEqual(workload.subgraphs.length);
      } finally {
        await gateway.close();
      }
    } finally {
      await federation.stop();
    }
  });
});

describe('the programs written by hand', () => {
  test.each([
    { name: 'heavy', program: answerHeavy, fetches: 16 },
    { name: 'distinct', program: answerDistinct, fetches: 5 },
    { name: 'wide', program: answerWide, fetches: 36 },
  ])("answer $name rightly with the $fetches fetches of Apollo's plan", async ({ name, program, fetches }) => {
    const workload = await findWorkload(name);
    const { ask, count } = askHere(workload);
    const variables = workload.variables?.(3) ?? {};
    expect(await program(ask, variables)).toEqual(workload.answer(variables));
    expect(count()).toBe(fetches);
  });
});

describe('the sizes of the answers', () => {
  test.each([
    { name: 'heavy', min: 80_000, max: 90_000 },
    { name: 'wide', min: 55_000, max: 70_000 },
    { name: 'small', min: 1, max: 299 },
    { name: 'economies', min: 230_000, max: 260_000 },
  ])('$name has between $min and $max bytes', async ({ name, min, max }) => {
    const { answer } = await findWorkload(name);
    const bytes = Buffer.byteLength(JSON.stringify({ data: answer({}) }));
    expect(bytes).toBeGreaterThanOrEqual(min);
    expect(bytes).toBeLessThanOrEqual(max);
  });

  test('no entity of distinct occurs twice, neither in one answer nor in the next', async () => {
    const { answer, variables } = await findWorkload('distinct');
    const text = [1, 2].map((n) => JSON.stringify(answer(variables!(n)))).join('');
    const keys = text.match(/"(?:id|upc)":"[^"]+"/g)!;
    expect(new Set(keys).size).toBe(keys.length);
  });
});

test('a wrong answer is told by where it parts from the right one', () => {
  expect(firstDifference({ a: [{ b: 1 }] }, { a: [{ b: 1 }] })).toBeUndefined();
  expect(firstDifference({ a: [{ b: 1 }] }, { a: [{ b: 2 }] })).toBe('data.a.0.b is 1 instead of 2.');
  expect(firstDifference({ a: [] }, { a: [1] })).toBe('data.a.0 is missing instead of 1.');
});

test('medians and slopes are what a table of numbers says', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 2, 9])).toBe(3);
  expect(slopeOf([1, 2, 3].map((x) => ({ x, y: 100 - 2 * x })))).toBeCloseTo(-2);
  expect(slopeOf([{ x: 1, y: 5 }])).toBe(0);
});
