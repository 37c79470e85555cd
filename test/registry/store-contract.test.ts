import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openVersionStore } from '../../gateway/registry/sql-store.ts';
import type { VersionStore } from '../../gateway/registry/store.ts';
import { openUsageStore, type UsageStore } from '../../gateway/registry/usage-store.ts';
import type { GraphVersion } from '../../gateway/registry/version.ts';
import { openDatabase } from '../../gateway/sql/open-database.ts';
import { DATABASES } from './databases.ts';

function version(number: number, more: Partial<GraphVersion> = {}): GraphVersion {
  return {
    number,
    kind: 'publish',
    subgraph: 'tax',
    at: '2026-11-28T00:00:00.000Z',
    by: 'tax ci',
    department: 'tax',
    subgraphs: [{ name: 'tax', owner: 'tax', routingUrl: 'http://tax', origin: 'tax.graphql', publishedIn: number }],
    sdl: `type Query { v${number}: Int }`,
    rules: 'rules',
    supergraph: `supergraph ${number} \u00e9`,
    statement: { text: `{"version":${number}}`, signature: 'ff' },
    ...more,
  };
}

describe.each(DATABASES)('versions in %s', (_name, place) => {
  let at: Awaited<ReturnType<typeof place>>;
  let store: VersionStore;
  let usage: UsageStore;
  const open = async (): Promise<void> => {
    const options = { timeoutMs: 5_000, applicationName: 'switchyard registry', isDurable: true };
    const database = await openDatabase(at.url, options);
    [store, usage] = [await openVersionStore(database), await openUsageStore(database, 2)];
  };
  beforeEach(async () => {
    at = await place();
    await open();
  });
  afterEach(async () => {
    await store.close();
    await at.close();
  });

  test('are given as they were added, also after a start', async () => {
    expect([await store.newest(), await store.find(1)]).toEqual([0, undefined]);
    await store.add(version(1));
    await store.add(version(2, { kind: 'remove', sdl: undefined, rules: undefined, message: 'no more' }));
    await store.close();
    await open();
    expect(await store.newest()).toBe(2);
    expect(await store.find(1)).toEqual(version(1));
    const { sdl: _, rules: __, ...second } = version(2, { kind: 'remove', message: 'no more' });
    expect(await store.find(2)).toEqual(second);
    expect(await store.published([1, 2, 3])).toEqual(new Map([[1, { sdl: 'type Query { v1: Int }', rules: 'rules' }]]));
  });

  test('are each added once, whoever else adds', async () => {
    const added = await Promise.all(['one', 'other'].map((by) => store.add(version(1, { by }))));
    expect(added.filter(Boolean)).toHaveLength(1);
    expect((await store.find(1))?.by).toBe(['one', 'other'][added.indexOf(true)]);
  });

  test('are listed from the newest on, by page and by subgraph', async () => {
    for (const number of [1, 2, 3, 4]) await store.add(version(number, { subgraph: number % 2 ? 'tax' : 'market' }));
    const numbers = async (filter: Parameters<VersionStore['list']>[0]): Promise<number[]> =>
      (await store.list(filter)).map(({ number }) => number);
    expect(await numbers({ limit: 2 })).toEqual([4, 3]);
    expect(await numbers({ limit: 2, before: 3 })).toEqual([2, 1]);
    expect(await numbers({ limit: 9, subgraph: 'tax' })).toEqual([3, 1]);
  });

  test('the newest report of each gateway counts, until it is forgotten', async () => {
    const report = (requests: number) => ({
      since: '2026-11-01T00:00:00.000Z',
      fields: { 'A.b': [{ client: 'app', version: null, requests, days: { '2026-11-28': requests } }] },
    });
    await usage.put('one', report(1), '2026-11-28T00:00:00.000Z');
    await usage.put('one', report(2), '2026-11-28T00:01:00.000Z');
    await usage.put('other', report(7), '2026-11-28T00:00:30.000Z');
    expect(new Set(await usage.all())).toEqual(new Set([report(2), report(7)]));
    await usage.forgetBefore('2026-11-28T00:00:45.000Z');
    expect(await usage.all()).toEqual([report(2)]);
    await usage.put('third', report(3), '2026-11-28T00:02:00.000Z');
    await usage.put('fourth', report(4), '2026-11-28T00:03:00.000Z');
    expect(new Set(await usage.all()), 'two at most').toEqual(new Set([report(3), report(4)]));
  });
});
