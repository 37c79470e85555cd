import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConfigInput } from '../../gateway/config/config.ts';
import { ask, askWith } from '../kit/ask.ts';
import { freePort, serveBare, temporaryFolder } from '../kit/department.ts';
import { LIBRARY, SHELF } from '../kit/library.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';
import { metricsAt, valueOf, type Series } from './metrics-kit.ts';

let open: ServedFederation | undefined;
async function serve(metrics: ConfigInput['metrics'] = { port: 0 }, config: ConfigInput = {}) {
  open = await serveFederation(LIBRARY, { graphiql: false, ...config, metrics });
  return open;
}
async function close(): Promise<void> {
  await open?.close();
  open = undefined;
}

describe('after some requests', () => {
  let all: Series[];
  beforeAll(async () => {
    const { url, metricsUrl } = await serve({ port: 0, maxClients: 2 });
    await ask(url, SHELF);
    await ask(url, SHELF);
    await ask(url, 'query Stamps { books { stamp } }');
    await ask(url, '{ magazines }');
    await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: 'planted' });
    await fetch(url, { headers: { accept: 'image/png' } });
    await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'planted' });
    for (const name of ['portal', 'portal', 'desk', 'third', 'fourth', 'a"b\\c'])
      await askWith({ 'apollographql-client-name': name }, url, '{ best { title } }');
    all = await metricsAt(metricsUrl!);
  });
  afterAll(close);

  test('they are counted by operation and by how they ended', () => {
    const requests = (operation: string, outcome: string) =>
      valueOf(all, 'switchyard_requests_total', { operation, outcome });
    expect(requests('Shelf', 'answered')).toBe(2);
    expect(requests('Stamps', 'part')).toBe(1);
    expect(requests('not valid', 'refused')).toBe(1);
    expect(requests('unnamed', 'answered')).toBe(6);
    expect(valueOf(all, 'switchyard_request_duration_seconds_count', { operation: 'Shelf' })).toBe(2);
    expect(valueOf(all, 'switchyard_request_duration_seconds_sum', { operation: 'Shelf' })).toBeGreaterThan(0);
    expect(valueOf(all, 'switchyard_requests_in_flight')).toBe(0);
  });

  test('errors are counted by code, a code of a department being none of ours', () => {
    expect(valueOf(all, 'switchyard_request_errors_total', { code: 'GRAPHQL_VALIDATION_FAILED' })).toBe(1);
    expect(valueOf(all, 'switchyard_request_errors_total', { code: 'DOWNSTREAM_SERVICE_ERROR' })).toBe(1);
  });

  test('what is refused before the graph is asked is counted by why', () => {
    const refusals = all.filter(({ name }) => name === 'switchyard_http_refusals_total');
    const counted = Object.fromEntries(refusals.map(({ labels, value }) => [labels['code'], value]));
    expect(counted).toEqual({ BAD_REQUEST: 1, NOT_ACCEPTABLE: 1, UNSUPPORTED_MEDIA_TYPE: 1 });
  });

  test('what departments were asked is counted and timed, and what was remembered is told apart', () => {
    const fetches = (department: string, outcome: string) =>
      valueOf(all, 'switchyard_fetches_total', { department, outcome });
    expect(fetches('books', 'answered')).toBeGreaterThanOrEqual(9);
    expect(fetches('people', 'answered')).toBeGreaterThanOrEqual(1);
    expect(fetches('people', 'remembered')).toBeGreaterThanOrEqual(1);
    expect(valueOf(all, 'switchyard_remembered_rows_total', { department: 'people' })).toBeGreaterThanOrEqual(2);
    expect(valueOf(all, 'switchyard_fetch_rows_total', { department: 'post' })).toBe(9);
    expect(valueOf(all, 'switchyard_fetch_duration_seconds_count', { department: 'books' })).toBe(
      fetches('books', 'answered'),
    );
  });

  test('clients are counted by the name that they give themselves, and beyond the bound together', () => {
    const clients = all.filter(({ name }) => name === 'switchyard_client_requests_total');
    const counted = Object.fromEntries(clients.map(({ labels, value }) => [labels['client'], value]));
    // The first who came gave no name, and so did the one whose name is not fit to stand there.
    expect(counted).toEqual({ unknown: 5, portal: 2, other: 3 });
  });

  test('planning, the cache, the event loop and the process are told of', () => {
    expect(valueOf(all, 'switchyard_planning_seconds_count', { outcome: 'planned' })).toBe(3);
    expect(valueOf(all, 'switchyard_plans_waiting')).toBe(0);
    expect(valueOf(all, 'switchyard_cache_up')).toBe(1);
    expect(valueOf(all, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
    expect(valueOf(all, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  });
});

describe('who chooses names', () => {
  afterAll(close);

  test('fills the bound and no more, and takes no place of a saved operation', async () => {
    const folder = temporaryFolder();
    await writeFile(folder.file('saved.graphql'), 'query Saved { best { title } }');
    const { url, metricsUrl } = await serve({ port: 0, maxOperations: 3 }, { operations: folder.path });
    for (let number = 0; number < 10; number += 1) await ask(url, `query Made${number} { best { title } }`);
    await ask(url, 'query Saved { best { title } }');
    const all = await metricsAt(metricsUrl!);
    folder.close();
    const named = all.filter(({ name }) => name === 'switchyard_requests_total');
    const counted = Object.fromEntries(named.map(({ labels, value }) => [labels['operation'], value]));
    expect(counted).toEqual({ Made0: 1, Made1: 1, Saved: 1, other: 8 });
  });
});

describe('metrics are read', () => {
  afterAll(close);

  test('nowhere unless the settings say so', async () => {
    const { url, metricsUrl } = await serve({});
    expect(metricsUrl).toBeUndefined();
    expect((await fetch(new URL('/metrics', url))).status).toBe(404);
    await close();
  });

  test('on a port of their own, where nothing else is', async () => {
    const { url, metricsUrl } = await serve();
    expect((await fetch(metricsUrl!)).headers.get('content-type')).toContain('version=0.0.4');
    expect((await fetch(new URL('/graphql', metricsUrl))).status).toBe(404);
    expect((await fetch(metricsUrl!, { method: 'POST' })).status).toBe(404);
    expect((await fetch(new URL('/metrics', url))).status).toBe(404);
    await close();
  });

  test('beside the graph where the settings say so', async () => {
    const { url, metricsUrl } = await serve({ besideGraph: true });
    await ask(url, '{ best { title } }');
    expect(metricsUrl).toBeUndefined();
    const all = await metricsAt(new URL('/metrics', url).href);
    expect(valueOf(all, 'switchyard_requests_total', { operation: 'unnamed' })).toBe(1);
  });
});

test('a gateway whose port for metrics is taken does not start', async () => {
  const { port, close: free } = await serveBare(() => {});
  await expect(serve({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await free();
});

test('a department that gives no answer is counted by why, and how often it was asked again', async () => {
  const gone = `http://127.0.0.1:${await freePort()}/`;
  const books = { routingUrl: gone, maxRetries: 3, retryDelayMs: 1 };
  const retryBudget = { ratio: 1, minPerSecond: 0 };
  const { url, metricsUrl } = await serve({ port: 0 }, { subgraphs: { books }, retryBudget });
  await ask(url, '{ best { title } }');
  const all = await metricsAt(metricsUrl!);
  await close();
  const failed = { department: 'books', outcome: 'SUBREQUEST_HTTP_ERROR' };
  expect(valueOf(all, 'switchyard_fetches_total', failed)).toBe(1);
  const again = (name: string, department = 'books') =>
    valueOf(all, `switchyard_department_${name}_total`, { department });
  expect([again('retries'), again('budget_refusals'), again('hedges')]).toEqual([1, 1, 0]);
  expect(again('retries', 'people')).toBe(0);
  expect(valueOf(all, 'switchyard_requests_total', { outcome: 'failed' })).toBe(1);
});
