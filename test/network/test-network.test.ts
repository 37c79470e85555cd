import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startNetwork, type TestNetwork } from '../kit/network.ts';

let network: TestNetwork;

beforeAll(async () => {
  network = await startNetwork({ enterprises: 60 });
});
afterAll(() => network.stop());

async function ask(url: string, query: string): Promise<{ data: unknown; errors?: unknown[] }> {
  const { body } = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await body.json()) as { data: unknown; errors?: unknown[] };
}

test('a killed department answers nobody until it is started again at the same address', async () => {
  const query = '{ place(iso: "FR") { name hasCalendar } }';
  expect(await ask(network.gatewayUrl, query)).toEqual({ data: { place: { name: 'France', hasCalendar: true } } });
  await network.kill('territory');
  await expect(ask(network.subgraphUrls.territory, '{ __typename }')).rejects.toThrow('ECONNREFUSED');
  await network.restart('territory');
  expect(await ask(network.subgraphUrls.territory, '{ __typename }')).toEqual({ data: { __typename: 'Query' } });
});

test('a department counts the requests it gets', async () => {
  const before = await network.stats('municipal');
  await ask(network.subgraphUrls.municipal, '{ __typename }');
  expect(await network.stats('municipal')).toEqual({ ...before, requests: before.requests + 1 });
});
