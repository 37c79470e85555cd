import { describe, expect, test } from 'vitest';
import type { Caller } from '../../gateway/caller.ts';
import { NOBODY } from '../../gateway/caller.ts';
import { askShop, cached, itemsTemplate, openShop, person, type Shop } from './shop.ts';

/** How often the department is asked where these ask one after the other, for the same. */
async function requestsOf(
  { asked, fetcher }: Shop,
  callers: readonly (Caller | undefined)[],
  { selection, isTold = false }: { selection: string; isTold?: boolean },
): Promise<number> {
  const front = cached(fetcher, { isTold: () => isTold });
  const template = itemsTemplate(selection);
  for (const caller of callers) await askShop(front, { template, ids: ['1'], ...(caller && { caller }) });
  return asked.length;
}

const ANN = person('ann');
const BEN = person('ben');
const FOR_A_CASE = { ...ANN.purpose, caseNumber: '7' };
const IN_A_GROUP = { ...ANN.purpose, queryGroupId: 'g' };

describe('what is private', () => {
  test('is remembered for each caller apart', async () => {
    expect(await requestsOf(openShop(), [ANN, BEN, ANN, BEN], { selection: 'name secret' })).toBe(2);
  });

  test('is remembered for nobody of whom nothing is known', async () => {
    expect(await requestsOf(openShop(), [NOBODY, NOBODY], { selection: 'name secret' })).toBe(2);
    expect(await requestsOf(openShop(), [undefined, undefined], { selection: 'name secret' })).toBe(2);
  });

  test('is so by the header too, from the first answer on that has it', async () => {
    const shop = openShop({ head: { cacheControl: 'private, max-age=60' } });
    // The first is not remembered: it was asked for in everybody's name.
    expect(await requestsOf(shop, [ANN, ANN, BEN, ANN, BEN], { selection: 'name' })).toBe(3);
  });

  test('cannot be made public by the header', async () => {
    const shop = openShop({ head: { cacheControl: 'public, max-age=60' } });
    expect(await requestsOf(shop, [ANN, BEN], { selection: 'secret' })).toBe(2);
  });
});

describe('what is not private', () => {
  test('is everybody’s where the department is not told who asks', async () => {
    expect(await requestsOf(openShop(), [ANN, BEN, undefined], { selection: 'name' })).toBe(1);
  });

  test('is each caller’s where the department is told who asks, and did not declare it public', async () => {
    const told = { selection: 'name label', isTold: true };
    expect(await requestsOf(openShop(), [ANN, BEN, ANN, NOBODY, undefined], told)).toBe(3);
  });

  test('is everybody’s where it is declared public, whatever the department is told', async () => {
    expect(await requestsOf(openShop(), [ANN, BEN, undefined], { selection: 'label', isTold: true })).toBe(1);
    const shop = openShop({ head: { cacheControl: 'public' } });
    // What the first is given is asked for in her name alone: only its header says that it is everybody's.
    expect(await requestsOf(shop, [ANN, BEN, ANN, person('cem')], { selection: 'name', isTold: true })).toBe(2);
  });
});

test.each<[string, Caller, number]>([
  ['another purpose', { ...ANN, purpose: FOR_A_CASE }, 2],
  ['other roles', { ...ANN, identity: { ...ANN.identity, roles: ['inspector'] } }, 2],
  ['other claims', { ...ANN, identity: { ...ANN.identity, claims: { district: '1' } } }, 2],
  ['a grant', { ...ANN, grants: [{ id: 'g', kind: 'given', department: 'tax', classes: [], subjects: [] }] }, 2],
  ['another name for the request', { ...ANN, purpose: IN_A_GROUP }, 1],
])('the same person with %s is another caller, but for names of requests', async (_name, caller, requests) => {
  expect(await requestsOf(openShop(), [ANN, caller], { selection: 'name secret' })).toBe(requests);
});
