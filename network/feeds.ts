import { join } from 'node:path';
import { request } from 'undici';
import { readDispatchFile, type DispatchInput } from '../gateway/cli/dispatch-file.ts';
import { StartError } from '../subgraphs/kit/program.ts';
import type { Network } from './network.ts';
import { projectRoot } from './settings.ts';

/** What is dispatched to the analysis department, in `subgraphs/analysis/feeds/`. */
const feedFiles = ['enterprise-records', 'published-figures'] as const;

const ANSWER_WITHIN_MS = 30_000;

/** The network that is asked, and until when. */
interface Asking extends Pick<Network, 'gatewayUrl' | 'headers'> {
  signal?: AbortSignal;
}

/**
 * Has the analysis department fed: makes the dispatches that are not there yet, as its dispatch officer does; they begin with what there is.
 * @throws StartError where the gateway takes one not
 */
export async function startFeeds(network: Asking): Promise<void> {
  for (const name of feedFiles) {
    const dispatch = await feedNamed(name);
    if (!(await isThere(network, dispatch['name']))) await startFeed(network, dispatch);
  }
}

/** What is dispatched, as the graph's `DispatchInput` has it. */
export function feedNamed(name: (typeof feedFiles)[number]): Promise<DispatchInput> {
  return readDispatchFile(join(projectRoot, `subgraphs/analysis/feeds/${name}.yaml`));
}

async function isThere(network: Asking, name: unknown): Promise<boolean> {
  const query = 'query ($name: String) { dispatches { ofDepartment(name: $name) { id } } }';
  const { dispatches } = await ask<{ dispatches: { ofDepartment: unknown[] } }>(network, query, { name });
  return dispatches.ofDepartment.length > 0;
}

async function startFeed(network: Asking, dispatch: DispatchInput): Promise<void> {
  const create = 'mutation ($dispatch: DispatchInput!) { createDispatch(dispatch: $dispatch) { id } }';
  const { createDispatch } = await ask<{ createDispatch: { id: string } }>(network, create, { dispatch });
  for (const step of ['previewDispatch(id: $id) { rowsOnPage }', 'activateDispatch(id: $id) { id }'])
    await ask(network, `mutation ($id: ID!) { ${step} }`, createDispatch);
}

/** Whether everything that was begun is delivered, and the department has run its rules over it; `stats` is its own. */
export async function isAnalysed(network: Asking, stats: AnalysisStats): Promise<boolean> {
  const query = '{ dispatches { ofDepartment { runs(first: 5) { state endedAt } } } }';
  const { dispatches } = await ask<{ dispatches: { ofDepartment: { runs: LastRun[] }[] } }>(network, query, {});
  const begunAt = stats.analysis.lastRun?.begunAt ?? '';
  return dispatches.ofDepartment.every(({ runs }) => {
    const isOver = runs.length > 0 && runs.every(({ state }) => ['DELIVERED', 'UNCHANGED'].includes(state));
    return isOver && runs.every(({ state, endedAt }) => state === 'UNCHANGED' || endedAt! < begunAt);
  });
}

interface LastRun {
  state: string;
  endedAt: string | null;
}

/** What the analysis department says of itself at `/stats`. */
export interface AnalysisStats {
  analysis: { lastRun: { begunAt: string; endedAt: string } | null };
}

async function ask<Data>({ gatewayUrl, headers, signal }: Asking, query: string, variables: object): Promise<Data> {
  const inTime = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const { body } = await request(gatewayUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers.analyst },
    body: JSON.stringify({ query, variables }),
    signal: signal ? AbortSignal.any([signal, inTime]) : inTime,
  });
  const { data, errors } = (await body.json()) as { data?: Data; errors?: { message: string }[] };
  if (errors || !data) throw new StartError(`the analysis department is not fed: ${errors?.[0]?.message}`);
  return data;
}
