import { afterEach, describe, expect, test } from 'vitest';
import { GatewayFault } from '../../gateway/errors.ts';
import { federate, type SmallFederation } from '../kit/federation.ts';

const products = {
  sdl: `
    type Query { products: [Product!]! product(id: ID!): Product shelf: [[Product]] media: [Media!]! }
    type Mutation { rename(id: ID!, name: String!): Product count: Int! }
    type Product @key(fields: "id") { id: ID! name: String size: Size price: Int }
    type Size @shareable { w: Int h: Int }
    interface Media { id: ID! }
    type Book implements Media @key(fields: "id") { id: ID! pages: Int }
    type Film implements Media @key(fields: "id") { id: ID! minutes: Int }
  `,
  resolvers: {
    Query: {
      products: () => [PRODUCTS['1'], PRODUCTS['2'], PRODUCTS['1']],
      product: (_: unknown, { id }: { id: string }) => PRODUCTS[id],
      shelf: () => [[PRODUCTS['1'], null], null, [PRODUCTS['2']]],
      media: () => [
        { __typename: 'Book', id: 'b', pages: 10 },
        { __typename: 'Film', id: 'f', minutes: 90 },
      ],
    },
    Mutation: {
      rename: (_: unknown, { id, name }: { id: string; name: string }) => ({ ...PRODUCTS[id], name }),
      count: () => 7,
    },
    Product: { __resolveReference: ({ id }: { id: string }) => PRODUCTS[id] },
  },
};

const PRODUCTS: Record<string, { id: string; name: string; size: { w: number; h: number }; price: number }> = {
  '1': { id: '1', name: 'Chair', size: { w: 2, h: 3 }, price: 10 },
  '2': { id: '2', name: 'Table', size: { w: 4, h: 5 }, price: 20 },
};

const reviews = {
  sdl: `
    type Product @key(fields: "id") {
      id: ID!
      size: Size @external
      price: Int @external
      reviews(first: Int = 1): [Review!]
      area: Int @requires(fields: "size { w h }")
      isCheap(limit: Int!): Boolean @requires(fields: "price")
    }
    type Size @shareable { w: Int h: Int }
    type Review { text: String! stars: Int! product: Product }
    type Book @key(fields: "id") { id: ID! readers: Int }
    type Film @key(fields: "id") { id: ID! viewers: Int }
  `,
  resolvers: {
    Product: {
      reviews: ({ id }: { id: string }, { first }: { first: number }) =>
        Array.from({ length: first }, (_, index) => ({ text: `${id}/${index}`, stars: 5, product: { id } })),
      area: ({ size }: { size: { w: number; h: number } }) => size.w * size.h,
      isCheap: ({ price }: { price: number }, { limit }: { limit: number }) => price < limit,
    },
    Book: { readers: () => 3 },
    Film: { viewers: () => 4 },
  },
};

let federation: SmallFederation;
afterEach(() => federation.close());

describe('what Apollo plans hold', () => {
  test('entities are joined in lists, each asked for once however often it occurs', async () => {
    federation = await federate({ products, reviews });
    const answer = await federation.ask('{ products { name reviews(first: 2) { text } } }');
    expect(answer).toEqual({
      httpStatus: 200,
      data: {
        products: [
          { name: 'Chair', reviews: [{ text: '1/0' }, { text: '1/1' }] },
          { name: 'Table', reviews: [{ text: '2/0' }, { text: '2/1' }] },
          { name: 'Chair', reviews: [{ text: '1/0' }, { text: '1/1' }] },
        ],
      },
    });
    expect(federation.requests.map(({ service }) => service)).toEqual(['products', 'reviews']);
    expect(federation.requests[1]!.variables['representations']).toEqual([
      { __typename: 'Product', id: '1' },
      { __typename: 'Product', id: '2' },
    ]);
  });

  test('lists of lists with nulls in them keep their shape', async () => {
    federation = await federate({ products, reviews });
    const answer = await federation.ask('{ shelf { name reviews { stars } } }');
    expect(answer.data).toEqual({
      shelf: [[{ name: 'Chair', reviews: [{ stars: 5 }] }, null], null, [{ name: 'Table', reviews: [{ stars: 5 }] }]],
    });
  });

  test('a required object is fetched before the field that needs it, and not shown unless asked for', async () => {
    federation = await federate({ products, reviews });
    const answer = await federation.ask('query ($limit: Int!) { product(id: "2") { area isCheap(limit: $limit) } }', {
      limit: 15,
    });
    expect(answer).toEqual({ httpStatus: 200, data: { product: { area: 20, isCheap: false } } });
    expect(federation.requests.at(-1)!.variables).toEqual({
      representations: [{ __typename: 'Product', id: '2', size: { w: 4, h: 5 }, price: 20 }],
      limit: 15,
    });
  });

  test('the way back into a subgraph that was already asked works', async () => {
    federation = await federate({ products, reviews });
    const answer = await federation.ask('{ product(id: "1") { reviews { product { name } } } }');
    expect(answer.data).toEqual({ product: { reviews: [{ product: { name: 'Chair' } }] } });
    expect(federation.requests.map(({ service }) => service)).toEqual(['products', 'reviews', 'products']);
  });

  test('members of an interface get their fields from the subgraph that has them', async () => {
    federation = await federate({ products, reviews });
    const answer = await federation.ask(
      '{ media { __typename id ... on Book { pages readers } ... on Film { viewers } } }',
    );
    expect(answer.data).toEqual({
      media: [
        { __typename: 'Book', id: 'b', pages: 10, readers: 3 },
        { __typename: 'Film', id: 'f', viewers: 4 },
      ],
    });
  });

  test.each([
    [true, { product: { name: 'Chair', reviews: [{ stars: 5 }] } }, ['products', 'reviews']],
    [false, { product: { name: 'Chair' } }, ['products']],
  ])('with @include(if: %s) the fetch behind it is made or not', async (include, data, services) => {
    federation = await federate({ products, reviews });
    const query = 'query ($with: Boolean!) { product(id: "1") { name reviews @include(if: $with) { stars } } }';
    const answer = await federation.ask(query, { with: include });
    expect(answer.data).toEqual(data);
    expect(federation.requests.map(({ service }) => service)).toEqual(services);
  });

  test('mutations run in order, with entities behind them', async () => {
    federation = await federate({ products, reviews });
    const answer = await federation.ask('mutation { a: rename(id: "1", name: "X") { name reviews { text } } count }');
    expect(answer).toEqual({ httpStatus: 200, data: { a: { name: 'X', reviews: [{ text: '1/0' }] }, count: 7 } });
  });

  test('aliases, fragments and the same field twice come out as the specification says', async () => {
    federation = await federate({ products, reviews });
    const answer = await federation.ask(`
      query { first: product(id: "1") { ...A label: name } second: product(id: "2") { ... on Product { name } ...A } __typename }
      fragment A on Product { reviews { text } r: reviews(first: 2) { text stars } name }
    `);
    expect(answer.errors).toBeUndefined();
    expect(JSON.stringify(answer.data)).toBe(
      '{"first":{"reviews":[{"text":"1/0"}],"r":[{"text":"1/0","stars":5},{"text":"1/1","stars":5}],"name":"Chair","label":"Chair"},' +
        '"second":{"name":"Table","reviews":[{"text":"2/0"}],"r":[{"text":"2/0","stars":5},{"text":"2/1","stars":5}]},"__typename":"Query"}',
    );
  });

  test('introspection is answered by the schema, beside what departments answer', async () => {
    federation = await federate({ products, reviews });
    const answer = await federation.ask(
      '{ __type(name: "Review") { fields { name } } product(id: "1") { name } s: __schema { queryType { name } } }',
    );
    expect(answer.data).toEqual({
      __type: { fields: [{ name: 'text' }, { name: 'stars' }, { name: 'product' }] },
      product: { name: 'Chair' },
      s: { queryType: { name: 'Query' } },
    });
  });

  test('a response name that is a property of every object does no harm', async () => {
    federation = await federate({ products, reviews });
    const answer = await federation.ask(
      '{ product(id: "1") { constructor: name toString: reviews { hasOwnProperty: text } } }',
    );
    expect(JSON.stringify(answer.data)).toBe(
      '{"product":{"constructor":"Chair","toString":[{"hasOwnProperty":"1/0"}]}}',
    );
  });
});

describe('when a department fails', () => {
  test('its fields are null, the error names it and the place, and the rest is there', async () => {
    federation = await federate(
      { products, reviews },
      {
        intercept: (request, next) =>
          request.template.service === 'reviews'
            ? Promise.reject(new GatewayFault('SUBREQUEST_TIMEOUT', '10.0.0.1 is slow'))
            : next(),
      },
    );
    const answer = await federation.ask('{ product(id: "1") { name reviews { text } } }');
    expect(answer).toEqual({
      httpStatus: 200,
      data: { product: { name: 'Chair', reviews: null } },
      errors: [
        {
          message: 'Department reviews did not answer in time.',
          path: ['product'],
          extensions: { code: 'SUBREQUEST_TIMEOUT', service: 'reviews' },
        },
      ],
    });
  });

  test('a root fetch that fails names its root fields', async () => {
    federation = await federate(
      { products, reviews },
      { intercept: () => Promise.reject(new GatewayFault('SUBREQUEST_HTTP_ERROR', 'ECONNREFUSED 10.0.0.1')) },
    );
    const answer = await federation.ask('{ a: product(id: "1") { name } }');
    expect(answer.data).toEqual({ a: null });
    expect(answer.errors).toEqual([
      {
        message: 'Department products could not be reached.',
        path: ['a'],
        extensions: { code: 'SUBREQUEST_HTTP_ERROR', service: 'products' },
      },
    ]);
  });

  test('an error inside an entity gets the path the client knows, at every place the entity occurs', async () => {
    const failing = {
      ...reviews,
      resolvers: {
        Product: {
          reviews({ id }: { id: string }) {
            if (id === '1') throw new Error('no reviews today');
            return [];
          },
        },
      },
    };
    federation = await federate({ products, reviews: failing });
    const answer = await federation.ask('{ products { r: reviews { text } } }');
    expect(answer.data).toEqual({ products: [{ r: null }, { r: [] }, { r: null }] });
    expect(answer.errors).toEqual(
      [0, 2].map((index) => ({
        message: 'no reviews today',
        path: ['products', index, 'r'],
        extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', service: 'reviews' },
      })),
    );
  });

  test('with masking, the department’s own words stay in the process', async () => {
    const failing = {
      ...reviews,
      resolvers: {
        Product: {
          reviews: () => {
            throw new Error('password is hunter2');
          },
        },
      },
    };
    federation = await federate({ products, reviews: failing }, { config: { production: true } });
    const answer = await federation.ask('{ product(id: "1") { reviews { text } } }');
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    expect(answer.errors).toEqual([
      {
        message: 'Department reviews reported an error.',
        path: ['product', 'reviews'],
        extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', service: 'reviews' },
      },
    ]);
  });

  test('what needs a field that could not be fetched is not asked for', async () => {
    const failing = {
      ...products,
      resolvers: {
        ...products.resolvers,
        Product: {
          ...products.resolvers.Product,
          size: () => {
            throw new Error('no size');
          },
        },
      },
    };
    federation = await federate({ products: failing, reviews });
    const answer = await federation.ask('{ product(id: "1") { name area } }');
    expect(answer.data).toEqual({ product: { name: 'Chair', area: null } });
    expect(answer.errors?.map(({ extensions }) => extensions.service)).toEqual(['products', 'reviews']);
  });

  test('a failure for thousands of places does not make the answer grow without bound', async () => {
    const many = {
      ...products,
      resolvers: {
        ...products.resolvers,
        Query: { products: () => Array.from({ length: 3_000 }, (_, id) => ({ id: String(id) })) },
      },
    };
    federation = await federate(
      { products: many, reviews },
      {
        intercept: (request, next) =>
          request.template.service === 'reviews' ? Promise.reject(new GatewayFault('SUBREQUEST_TIMEOUT', '')) : next(),
      },
    );
    const answer = await federation.ask('{ products { id reviews { text } } }');
    expect((answer.data!['products'] as unknown[]).length).toBe(3_000);
    expect(answer.errors).toHaveLength(100);
  });
});
