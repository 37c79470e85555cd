import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GatewayFault } from '../../gateway/errors.ts';
import type { Fetcher, SubgraphAnswer } from '../../gateway/execute/fetcher.ts';
import { askRaw, askShop, cached, itemsTemplate, openShop, rootTemplate } from './shop.ts';

const NAMES = itemsTemplate('name');
const NEWS = rootTemplate('{news}');

// Stores keep time by another clock; what is given is decided by this one.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1_000);
}

/** Whether a second request, so much later, is asked of the department. */
async function isAskedAgain(head: Partial<SubgraphAnswer>, seconds: number, template = NAMES): Promise<boolean> {
  const ids = template === NAMES ? ['1'] : [];
  const { asked, fetcher } = openShop({ head, ...(ids.length === 0 && { body: () => '{"data":{"news":"x"}}' }) });
  const front = cached(fetcher);
  await askShop(front, { template, ids });
  pass(seconds);
  await askShop(front, { template, ids });
  return asked.length === 2;
}

describe('how long an answer is remembered', () => {
  test.each([
    ['the hint where there is no header', undefined, undefined, 53, 61],
    ['the header where it is shorter', 'max-age=10', undefined, 8, 11],
    ['the hint where the header is longer', 'max-age=600', undefined, 53, 61],
    ['the header for shared caches before the other', 's-maxage=10, max-age=30', undefined, 8, 11],
    ['what is left after another cache had it', 'max-age=30', '20', 8, 11],
    ['the least of several', 'max-age=30, max-age=10', undefined, 8, 11],
    ['the hint where the header names no age', 'public', undefined, 53, 61],
  ])('is %s', async (_name, cacheControl, age, kept, gone) => {
    expect(await isAskedAgain({ cacheControl, age }, kept)).toBe(false);
    expect(await isAskedAgain({ cacheControl, age }, gone)).toBe(true);
  });

  test('is what the header says where there is no hint', async () => {
    expect(await isAskedAgain({ cacheControl: 'public, max-age=10' }, 8, NEWS)).toBe(false);
    expect(await isAskedAgain({ cacheControl: 'public, max-age=10' }, 11, NEWS)).toBe(true);
    expect(await isAskedAgain({ cacheControl: 'public' }, 0, NEWS)).toBe(true);
    expect(await isAskedAgain({}, 0, NEWS)).toBe(true);
  });

  test.each([
    'no-store',
    'no-cache',
    'max-age=0',
    'max-age=soon',
    'private, max-age=60',
    'No-Store , max-age=60',
    's-maxage=0',
  ])('is no time at all with %s', async (cacheControl) => expect(await isAskedAgain({ cacheControl }, 0)).toBe(true));

  test('is short for what is not there', async () => {
    const { asked, fetcher } = openShop();
    const front = cached(fetcher, { cache: { maxNegativeAgeMs: 2_000 } });
    await askShop(front, { template: NAMES, ids: ['none', '1'] });
    pass(1);
    expect((await askShop(front, { template: NAMES, ids: ['none', '1'] })).data).toEqual({
      _entities: [null, { name: '1' }],
    });
    expect(asked).toHaveLength(1);
    pass(2);
    await askShop(front, { template: NAMES, ids: ['none', '1'] });
    expect(asked.slice(1)).toEqual([['none']]);
  });
});

describe('an answer past its age', () => {
  test.each([
    ['by the settings', { staleWhileRevalidateMs: 10_000 }, undefined],
    ['by the header', {}, 'stale-while-revalidate=10'],
  ])('is given while it is fetched anew, once for all that ask, %s', async (_name, cache, cacheControl) => {
    let version = 0;
    const { asked, fetcher } = openShop({
      body: () => `{"data":{"_entities":[{"name":"${++version}"}]}}`,
      head: { cacheControl },
    });
    const front = cached(fetcher, { cache });
    await askShop(front, { template: NAMES, ids: ['1'] });
    // Its age ended after 54 to 60 seconds.
    pass(62);
    const stale = await Promise.all([1, 2, 3].map(() => askShop(front, { template: NAMES, ids: ['1'] })));
    expect(stale.map(({ data }) => data)).toEqual(Array(3).fill({ _entities: [{ name: '1' }] }));
    await vi.waitFor(async () =>
      expect((await askShop(front, { template: NAMES, ids: ['1'] })).data).toEqual({ _entities: [{ name: '2' }] }),
    );
    expect(asked).toHaveLength(2);
  });

  test.each(['must-revalidate', 'stale-while-revalidate=1'])('is not given with %s', async (cacheControl) => {
    const { asked, fetcher } = openShop({ head: { cacheControl } });
    const front = cached(fetcher, { cache: { staleWhileRevalidateMs: 10_000 } });
    await askShop(front, { template: NAMES, ids: ['1'] });
    pass(62);
    expect(await askRaw(front, { template: NAMES, ids: ['1'] })).not.toHaveProperty('remembered');
    expect(asked).toHaveLength(2);
  });

  const failing: [string, Fetcher][] = [
    ['does not answer', () => Promise.reject(new GatewayFault('SUBREQUEST_TIMEOUT', ''))],
    ['answers 503', openShop({ head: { httpStatus: 503 }, body: () => '{"errors":[{"message":"busy"}]}' }).fetcher],
    ['answers what is no GraphQL', openShop({ body: () => 'oops' }).fetcher],
  ];
  test.each(failing)('is given where the department %s', async (_name, failingFetcher) => {
    const { fetcher } = openShop();
    let ask = fetcher;
    const front = cached((request, deadline) => ask(request, deadline), { cache: { staleIfErrorMs: 30_000 } });
    await askShop(front, { template: NAMES, ids: ['1'] });
    ask = failingFetcher;
    pass(65);
    expect(await askShop(front, { template: NAMES, ids: ['1'] })).toEqual({
      data: { _entities: [{ name: '1' }] },
      errors: [],
    });
    const both = await askShop(front, { template: NAMES, ids: ['1', '2'] });
    expect(both.data).toEqual({ _entities: [{ name: '1' }, null] });
    expect(both.errors.length).toBeGreaterThan(0);
    pass(60);
    const gone = await askShop(front, { template: NAMES, ids: ['1'] }).catch((error: unknown) => error);
    expect(gone).not.toMatchObject({ errors: [] });
  });
});
