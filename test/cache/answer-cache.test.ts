import { describe, expect, test } from 'vitest';
import { GatewayFault } from '../../gateway/errors.ts';
import { askRaw, askShop, cached, composeShop, itemsTemplate, openShop, rootTemplate } from './shop.ts';
import { createMemoryStore } from '../../gateway/cache/memory-store.ts';

const NAMES = itemsTemplate('name');

describe('the cache of entities', () => {
  test('asks for an entity once, and of a list only for what it does not know', async () => {
    const { asked, fetcher } = openShop();
    const front = cached(fetcher);
    await askShop(front, { template: NAMES, ids: ['1', '2'] });
    const second = await askShop(front, { template: NAMES, ids: ['2', '3', '1'] });
    expect(asked).toEqual([['1', '2'], ['3']]);
    expect(second).toEqual({ data: { _entities: [{ name: '2' }, { name: '3' }, { name: '1' }] }, errors: [] });
  });

  test.each(['name stock', 'name maker{name}', 'stock'])('remembers nothing of a fetch of %s', async (selection) => {
    const { asked, fetcher } = openShop();
    const front = cached(fetcher);
    const template = itemsTemplate(selection);
    await askShop(front, { template, ids: ['1'] });
    await askShop(front, { template, ids: ['1'] });
    expect(asked).toHaveLength(2);
  });

  test('remembers an object that takes its parent’s age', async () => {
    const { asked, fetcher } = openShop();
    const front = cached(fetcher);
    const template = itemsTemplate('parts(first:2){name}');
    await askShop(front, { template, ids: ['1'] });
    await askShop(front, { template, ids: ['1'] });
    expect(asked).toHaveLength(1);
  });

  test('keeps different selections and different variables apart', async () => {
    const { asked, fetcher } = openShop();
    const front = cached(fetcher);
    await askShop(front, { template: NAMES, ids: ['1'], variables: '"first":1' });
    await askShop(front, { template: NAMES, ids: ['1'], variables: '"first":2' });
    await askShop(front, { template: itemsTemplate('id name'), ids: ['1'], variables: '"first":1' });
    expect(asked).toHaveLength(3);
  });

  test('gives the same question the same answer under any operation name', async () => {
    const { asked, fetcher } = openShop();
    const front = cached(fetcher);
    await askShop(front, { template: NAMES, ids: ['1'] });
    const renamed = { ...NAMES, operationName: 'R', query: NAMES.query.replace('Q__shop__1', 'R') };
    await askShop(front, { template: renamed, ids: ['1'] });
    expect(asked).toHaveLength(1);
  });

  test('does not remember an entity that came with an error, and counts the error’s place among all', async () => {
    const { asked, fetcher } = openShop({
      errors: (ids) =>
        ids.includes('bad') ? [{ message: 'bad', path: ['_entities', ids.indexOf('bad'), 'name'] }] : [],
    });
    const front = cached(fetcher);
    await askShop(front, { template: NAMES, ids: ['1', 'bad'] });
    const second = await askShop(front, { template: NAMES, ids: ['1', 'bad'] });
    expect(asked).toEqual([['1', 'bad'], ['bad']]);
    expect(second.errors).toEqual([{ message: 'bad', path: ['_entities', 1, 'name'] }]);
  });

  test.each([
    ['an error that names no entity', { errors: () => [{ message: 'something' }] }],
    ['a status that says that it failed', { head: { httpStatus: 500 } }],
  ])('remembers nothing of an answer with %s', async (_name, options) => {
    const { asked, fetcher } = openShop(options);
    const front = cached(fetcher);
    await askShop(front, { template: NAMES, ids: ['1'] });
    await askShop(front, { template: NAMES, ids: ['1'] });
    expect(asked).toHaveLength(2);
  });

  test('still gives what it knows when the department is down', async () => {
    const { fetcher } = openShop();
    let isDown = false;
    const front = cached((request, deadline) =>
      isDown ? Promise.reject(new GatewayFault('SUBREQUEST_TIMEOUT', '')) : fetcher(request, deadline),
    );
    await askShop(front, { template: NAMES, ids: ['1'] });
    isDown = true;
    expect(await askShop(front, { template: NAMES, ids: ['1', '2'] })).toEqual({
      data: { _entities: [{ name: '1' }, null] },
      errors: [expect.objectContaining({ path: ['_entities', 1], extensions: { code: 'SUBREQUEST_TIMEOUT' } })],
    });
    const unknown = askShop(front, { template: NAMES, ids: ['2'] });
    await expect(unknown).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' });
  });
});

describe('texts of the cache', () => {
  test('are as the department wrote them, whatever JavaScript would make of them', async () => {
    const entity = (id: string): string =>
      `{"name":"${id} \\"é\\" \\\\","weight":12345678901234567890.10,"tags":["]","}"]}`;
    const { fetcher } = openShop({ body: (ids) => `{"data":{"_entities":[${ids.map(entity).join(',')}]}}` });
    const front = cached(fetcher);
    await askRaw(front, { template: NAMES, ids: ['1', '2'] });
    const { body } = await askRaw(front, { template: NAMES, ids: ['2', '1', '3'] });
    expect(Buffer.from(body.bytes, 'latin1').toString()).toBe(
      `{"data":{"_entities":[${entity('2')},${entity('1')},${entity('3')}]}}`,
    );
    expect(body.encoding).toBe('utf8');
  });

  test('remembers entities of an answer that is written with spaces', async () => {
    const { asked, fetcher } = openShop({ body: () => '{ "data": { "_entities": [ { "name": "a, ]" }, null ] } }' });
    const front = cached(fetcher);
    await askShop(front, { template: NAMES, ids: ['1', '2'] });
    expect((await askShop(front, { template: NAMES, ids: ['2', '1'] })).data).toEqual({
      _entities: [null, { name: 'a, ]' }],
    });
    expect(asked).toHaveLength(1);
  });

  test('takes an answer that is not JSON for none, and remembers nothing of it', async () => {
    const { asked, fetcher } = openShop({ body: () => '{"data":{"_entities":[{"name":oops}]}}' });
    const front = cached(fetcher);
    for (let time = 0; time < 2; time++)
      await expect(askShop(front, { template: NAMES, ids: ['1'] })).rejects.toMatchObject({
        code: 'SUBREQUEST_MALFORMED_RESPONSE',
      });
    expect(asked).toHaveLength(2);
  });

  test('remembers nothing that is larger than allowed', async () => {
    const { asked, fetcher } = openShop();
    const front = cached(fetcher, { cache: { maxEntryBytes: 40 } });
    const long = 'x'.repeat(50);
    await askShop(front, { template: NAMES, ids: ['1', long] });
    await askShop(front, { template: NAMES, ids: ['1', long] });
    expect(asked).toEqual([['1', long], [long]]);
  });
});

describe('the cache of root fields', () => {
  const OFFER = rootTemplate('($id:ID!){offer(id:$id){name}}');

  test('asks once for the same arguments', async () => {
    const { asked, fetcher } = openShop({
      body: (_, { variablesText }) => `{"data":{"offer":{"name":${JSON.stringify(variablesText)}}}}`,
    });
    const front = cached(fetcher);
    const first = await askShop(front, { template: OFFER, variables: '"id":"1"' });
    const again = await askRaw(front, { template: OFFER, variables: '"id":"1"' });
    expect(first.data).toEqual({ offer: { name: '"id":"1"' } });
    expect(again).toMatchObject({
      remembered: 1,
      body: { bytes: String.raw`{"data":{"offer":{"name":"\"id\":\"1\""}}}` },
    });
    await askShop(front, { template: OFFER, variables: '"id":"2"' });
    expect(asked).toHaveLength(2);
  });

  test.each([
    ['{item{name}}', 1],
    ['{news}', 2],
    ['{offer(id:1){name} news}', 2],
    ['{offer(id:1){name maker{name}}}', 2],
  ])(
    'is asked for %s so often: without a hint on the field or its type there is no age',
    async (selection, requests) => {
      const { asked, fetcher } = openShop({ body: () => '{"data":{}}' });
      const front = cached(fetcher);
      const template = rootTemplate(selection);
      await askShop(front, { template });
      await askShop(front, { template });
      expect(asked).toHaveLength(requests);
    },
  );

  test('remembers nothing of an answer with an error, and of no mutation', async () => {
    const { asked, fetcher } = openShop({ body: () => '{"data":{"offer":null},"errors":[{"message":"x"}]}' });
    const front = cached(fetcher);
    await askShop(front, { template: OFFER });
    await askShop(front, { template: OFFER });
    expect(asked).toHaveLength(2);
    const good = openShop({ body: () => '{"data":{"offer":{"name":"x"}}}' });
    const mutation = { ...OFFER, operationKind: 'mutation' as const };
    const goodFront = cached(good.fetcher);
    await askShop(goodFront, { template: mutation });
    await askShop(goodFront, { template: mutation });
    expect(good.asked).toHaveLength(2);
  });
});

describe('what is remembered of a subgraph', () => {
  test('outlives another schema of other subgraphs, and not one of its own', async () => {
    const store = createMemoryStore(1_000_000);
    const { asked, fetcher } = openShop();
    const sdl = (fields: string): string => `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      directive @cacheControl(maxAge: Int) on OBJECT
      type Query { item: Item }
      type Item @key(fields: "id") @cacheControl(maxAge: 60) { id: ID! ${fields} }`;
    const served = [
      composeShop(sdl('name: String')),
      composeShop(sdl('name: String'), 'type Query { hours: String opensAt: String }'),
      composeShop(sdl('name: String weight: Float')),
      composeShop(sdl('name: String!')),
    ];
    for (const supergraph of served)
      await askShop(cached(fetcher, { supergraph, store }), { template: NAMES, ids: ['1'] });
    expect(new Set(served.map(({ hash }) => hash)).size).toBe(4);
    expect(asked).toHaveLength(3);
  });
});
