import { isDeepStrictEqual } from 'node:util';
import { freePort, startNode, waitUntilAnswering, type Child } from './child.ts';
import type { Contestant } from './contestants/contestant.ts';
import type { Federation } from './federation/federation.ts';
import { requestBody, type Workload } from './workloads/workload.ts';

/** A contestant that runs, answers, and has been found to answer rightly. */
export interface Runner {
  contestant: Contestant;
  workload: Workload;
  child: Child;
  url: string;
  /** Length of its answer, where every answer of the workload is the same. */
  expectedBytes?: number;
}

/** Requests whose answers are compared where they differ from one to the next. */
const COMPARED_REQUESTS = 5;

/**
 * Starts a contestant and compares its answers with the right ones.
 * @throws Error where it does not start, or answers otherwise
 */
export async function startRunner(contestant: Contestant, workload: Workload, federation: Federation): Promise<Runner> {
  const port = await freePort();
  const track = { ...federation, workload: workload.name, port };
  const child = startNode('gateway', contestant.args(track), contestant.env?.(track));
  const url = `http://127.0.0.1:${port}/graphql`;
  try {
    await waitUntilAnswering(child, url, requestBody(workload, 0));
    const expectedBytes = await compareAnswers(workload, url);
    return { contestant, workload, child, url, ...(workload.variables ? {} : { expectedBytes }) };
  } catch (error) {
    await child.stop();
    throw new Error(`${contestant.name} on ${workload.name}: ${(error as Error).message}`, { cause: error });
  }
}

/** Gives the length of the first answer. */
async function compareAnswers(workload: Workload, url: string): Promise<number> {
  const lengths: number[] = [];
  for (let n = 0; n < (workload.variables ? COMPARED_REQUESTS : 1); n += 1) {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body: requestBody(workload, n) });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const { data, errors } = JSON.parse(bytes.toString()) as { data?: unknown; errors?: unknown };
    if (errors !== undefined) throw new Error(`It answers with errors: ${JSON.stringify(errors).slice(0, 500)}`);
    const difference = firstDifference(data, workload.answer(workload.variables?.(n) ?? {}));
    if (difference) throw new Error(`Its answer is not the right one: ${difference}`);
    lengths.push(bytes.length);
  }
  return lengths[0]!;
}

/** Where two answers part, and how; undefined where they are equal. The order of keys does not matter. */
export function firstDifference(actual: unknown, expected: unknown, at = 'data'): string | undefined {
  if (isDeepStrictEqual(actual, expected)) return undefined;
  if (!isContainer(actual) || !isContainer(expected) || Array.isArray(actual) !== Array.isArray(expected))
    return `${at} is ${shorten(actual)} instead of ${shorten(expected)}.`;
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const difference = firstDifference(actual[key], expected[key], `${at}.${key}`);
    if (difference) return difference;
  }
  return undefined;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shorten(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80);
}
