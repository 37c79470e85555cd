import { describe, expect, test } from 'vitest';
import { createLocalLog, KnownInvalidations } from '../../gateway/cache/invalidation-log.ts';
import { readInvalidations } from '../../gateway/cache/invalidation-requests.ts';
import type { Fetcher } from '../../gateway/execute/fetcher.ts';
import { askShop, cached, composeShop, itemsTemplate, openShop, rootTemplate } from './shop.ts';

const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  directive @cacheControl(maxAge: Int, inheritMaxAge: Boolean) on OBJECT | FIELD_DEFINITION
  directive @cacheTag(format: String!) repeatable on OBJECT | FIELD_DEFINITION
  type Query {
    item(id: ID! = "7"): Item @cacheTag(format: "item-{$args.id}") @cacheTag(format: "items")
    makers: [Maker!] @cacheControl(maxAge: 60)
  }
  type Mutation { rename(id: ID!, name: String): Item }
  interface Named { name: String }
  type Item implements Named @key(fields: "id") @key(fields: "code") @cacheControl(maxAge: 60) @cacheTag(format: "stock-{$key.id}") {
    id: ID!
    code: String
    name: String
    maker: Maker @cacheControl(inheritMaxAge: true)
  }
  type Maker implements Named @key(fields: "id") @cacheControl(maxAge: 60) { id: ID! name: String }
`;
const supergraph = composeShop(SDL);
const source = { ...supergraph, schema: supergraph.fullSchema };

/** A cache that some things are in, and what is asked of the department once something was invalidated. */
async function stillKnown(invalidation: object): Promise<string[]> {
  const { asked, fetcher } = openShop({
    body: (ids) =>
      JSON.stringify({
        data: ids.length > 0 ? { _entities: ids.map((id) => ({ name: id })) } : { item: { name: 'x' } },
      }),
  });
  const log = createLocalLog();
  const front = cached(fetcher, { supergraph, log });
  const questions: Record<string, () => Promise<unknown>> = {
    'item 1': () => askShop(front, { template: itemsTemplate('name'), ids: ['1'] }),
    'item 2': () => askShop(front, { template: itemsTemplate('name'), ids: ['2'] }),
    'item 2 with maker': () => askShop(front, { template: itemsTemplate('maker{name}'), ids: ['2'] }),
    'root item': () => askShop(front, { template: rootTemplate('($id:ID){item(id:$id){name}}'), variables: '"id":1' }),
    'root makers': () => askShop(front, { template: rootTemplate('{makers{name}}') }),
  };
  for (const ask of Object.values(questions)) await ask();
  const read = readInvalidations([invalidation], source);
  if (!read.ok) throw new Error(read.problem);
  await log.invalidate(read.marks);
  const known: string[] = [];
  for (const [name, ask] of Object.entries(questions)) {
    const before = asked.length;
    await ask();
    if (asked.length === before) known.push(name);
  }
  return known;
}

const shopIs = { subgraph: 'shop' };
const entity = { kind: 'entity', ...shopIs, type: 'Item' };

describe('an invalidation', () => {
  test.each<[string, object, string[]]>([
    [
      'of another subgraph takes nothing',
      { kind: 'subgraph', subgraph: 'hours' },
      ['item 1', 'item 2', 'item 2 with maker', 'root item', 'root makers'],
    ],
    ['of a subgraph takes all of it', { kind: 'subgraph', ...shopIs }, []],
    [
      'of a type takes what has it anywhere',
      { kind: 'type', ...shopIs, type: 'Maker' },
      ['item 1', 'item 2', 'root item'],
    ],
    [
      'of an entity takes it, and lists that may have it',
      { ...entity, key: { id: 1 } },
      ['item 2', 'item 2 with maker', 'root makers'],
    ],
    [
      'of an entity by a key it was not asked for by takes all that it may be',
      { ...entity, key: { code: 'a' } },
      ['root makers'],
    ],
    [
      'of an entity inside others takes those',
      { ...entity, type: 'Maker', key: { id: '9' } },
      ['item 1', 'item 2', 'root item'],
    ],
    [
      'of the tag of an entity takes it alone',
      { kind: 'cache_tag', subgraphs: ['shop'], cache_tag: 'stock-2' },
      ['item 1', 'root item', 'root makers'],
    ],
    [
      'of the tag of a root field takes it with that argument',
      { kind: 'cache_tag', subgraphs: ['shop'], cache_tag: 'item-1' },
      ['item 1', 'item 2', 'item 2 with maker', 'root makers'],
    ],
    [
      'of the tag with another argument takes nothing',
      { kind: 'cache_tag', subgraphs: ['shop'], cache_tag: 'item-2' },
      ['item 1', 'item 2', 'item 2 with maker', 'root item', 'root makers'],
    ],
  ])('%s', async (_name, invalidation, known) => {
    expect(await stillKnown(invalidation)).toEqual(known);
  });

  test('also holds for what was under way when it came', async () => {
    let version = 1;
    let answerNow: () => void = () => undefined;
    const held: Fetcher = async (request) => {
      const body = `{"data":{"_entities":[{"name":"${version}"}]}}`;
      if (version === 1) await new Promise<void>((resolve) => (answerNow = resolve));
      return openShop({ body: () => body }).fetcher(request, undefined as never);
    };
    const log = createLocalLog();
    const front = cached(held, { supergraph, log });
    const ask = () => askShop(front, { template: itemsTemplate('name'), ids: ['1'] });
    const underWay = ask();
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    version = 2;
    await log.invalidate(['subgraph shop']);
    expect((await ask()).data).toEqual({ _entities: [{ name: '2' }] });
    answerNow();
    expect((await underWay).data).toEqual({ _entities: [{ name: '1' }] });
    expect((await ask()).data).toEqual({ _entities: [{ name: '2' }] });
  });
});

describe('a mutation that says what it has changed', () => {
  const rename = { ...rootTemplate('{rename(id:1){name}}'), operationKind: 'mutation' as const };
  const answering = (invalidates: unknown) =>
    openShop({
      body: (ids, { template }) =>
        template === rename
          ? JSON.stringify({ data: { rename: null }, extensions: { switchyard: { invalidates } } })
          : JSON.stringify({ data: { _entities: ids.map((id) => ({ name: id })) } }),
    });
  const namesOf = { template: itemsTemplate('name'), ids: ['1', '2'] };

  test('has it asked for anew', async () => {
    const { asked, fetcher } = answering([{ kind: 'entity', type: 'Item', key: { id: '1' } }]);
    const front = cached(fetcher, { supergraph });
    await askShop(front, namesOf);
    await askShop(front, { template: rename });
    await askShop(front, namesOf);
    expect(asked).toEqual([['1', '2'], [], ['1']]);
  });

  test.each([
    ['names another department', [{ kind: 'subgraph', subgraph: 'hours' }], 'Only what shop gives'],
    ['cannot be read', 'everything', 'expected array'],
  ])('has nothing forgotten where it %s, and the log is told', async (_name, invalidates, problem) => {
    const { asked, fetcher } = answering(invalidates);
    const faults: unknown[] = [];
    const front = cached(fetcher, { supergraph, onFault: (fault) => faults.push(fault) });
    await askShop(front, namesOf);
    await askShop(front, { template: rename });
    await askShop(front, namesOf);
    expect(asked).toHaveLength(2);
    expect(String(faults[0])).toContain(problem);
  });
});

test.each<[unknown, string]>([
  [[], 'Too small'],
  [[{ kind: 'everything' }], 'kind'],
  [[{ kind: 'subgraph', subgraph: 'shops' }], 'There is no subgraph "shops"'],
  [[{ kind: 'type', subgraph: 'shop', type: 'Itm' }], 'There is no type "Itm"'],
  [[{ ...entity, key: { sku: 1 } }], 'Item has the keys "id" and "code", and not "sku"'],
  [
    [
      { kind: 'subgraph', subgraph: 'shop' },
      { ...entity, type: 'Named', key: { id: 1 } },
    ],
    '[1]: Named has no key',
  ],
])('%j is refused with what is wrong', (message, problem) => {
  const read = readInvalidations(message, source);
  expect(read).toMatchObject({ ok: false, problem: expect.stringContaining(problem) as string });
});

test('of more marks than are kept, the oldest are taken for invalidated whatever they are', () => {
  const known = new KnownInvalidations(2);
  known.add(1, ['a']);
  known.add(2, ['b']);
  known.add(3, ['c']);
  expect(known.isInvalidatedSince(0, () => ['x'])).toBe(true);
  expect(known.isInvalidatedSince(1, () => ['x'])).toBe(false);
  expect(known.isInvalidatedSince(1, () => ['b'])).toBe(true);
  expect(known.isInvalidatedSince(3, () => ['a', 'b', 'c'])).toBe(false);
});
