import { expect, test } from 'vitest';
import { ask } from '../../kit/ask.ts';
import { network } from './network.ts';

test('a killed department answers nobody until it is started again at the same address', async () => {
  const query = '{ place(iso: "FR") { name hasCalendar } }';
  expect(await ask(network.gatewayUrl, query)).toEqual({ data: { place: { name: 'France', hasCalendar: true } } });
  await network.kill('territory');
  await expect(ask(network.subgraphUrls.territory, '{ __typename }')).rejects.toThrow('fetch failed');
  await network.restart('territory');
  expect(await ask(network.subgraphUrls.territory, '{ __typename }')).toEqual({ data: { __typename: 'Query' } });
});

test('a department counts the requests it gets', async () => {
  const before = await network.stats('municipal');
  await ask(network.subgraphUrls.municipal, '{ __typename }');
  expect(await network.stats('municipal')).toEqual({ ...before, requests: before.requests + 1 });
});
