import type { FederationCase } from '../../kit/federation-case.ts';

const OFFERS = { tea: { id: 'tea', name: 'Tea' }, mug: { id: 'mug', name: 'Mug' } };
const SHOPS = [
  { id: 'nl', currency: { code: 'EUR' }, members: true, offers: [OFFERS.tea, OFFERS.mug], best: OFFERS.mug },
  { id: 'uk', currency: { code: 'GBP' }, members: false, offers: [OFFERS.tea], best: null },
  { id: 'de', currency: { code: 'EUR' }, members: true, offers: [OFFERS.tea], best: OFFERS.tea },
  { id: 'sea', currency: null, members: false, offers: [OFFERS.mug], best: OFFERS.mug },
];

interface PriceArguments {
  round?: boolean;
  code?: string | null;
  members?: boolean;
}

const plainOnly = 'a program does not know the objects above an entity';
const apolloIsWrong = 'refuses to serve @context';

export default {
  about: 'An argument that is taken from an object above, by `@context` and `@fromContext`,',
  resolvers: {
    shops: {
      Query: { shops: () => SHOPS, shop: (_: unknown, { id }: { id: string }) => SHOPS.find((shop) => shop.id === id) },
      Offer: {
        __resolveReference: ({ id }: { id: 'tea' | 'mug' }) => OFFERS[id],
        price: ({ id }: { id: string }, given: PriceArguments) => `${id} ${JSON.stringify(given)}`,
        shopNote: (_: unknown, { id }: { id: string }) => ({ text: `sold in ${id}` }),
      },
    },
    stock: { Offer: { inStock: ({ id }: { id: string }) => id.length } },
  },
  operations: [
    {
      about: 'has the value of the object that each entity is below, though the entity is the same',
      query: '{ shops { id offers { name price } } }',
      answer: {
        data: {
          shops: [
            {
              id: 'nl',
              offers: [
                { name: 'Tea', price: 'tea {"code":"EUR","members":true}' },
                { name: 'Mug', price: 'mug {"code":"EUR","members":true}' },
              ],
            },
            { id: 'uk', offers: [{ name: 'Tea', price: 'tea {"code":"GBP","members":false}' }] },
            { id: 'de', offers: [{ name: 'Tea', price: 'tea {"code":"EUR","members":true}' }] },
            { id: 'sea', offers: [{ name: 'Mug', price: 'mug {"code":null,"members":false}' }] },
          ],
        },
      },
      apolloIsWrong,
      plainOnly,
    },
    {
      about: 'stands beside the arguments of clients, under whatever names they call the fields',
      query: `query ($round: Boolean!, $contextualArgument_1_0: ID!, $contextualArgument_1_0__client: ID!) {
        first: shop(id: $contextualArgument_1_0) { price: best { currency: price(round: $round) exact: price(round: false) } }
        second: shop(id: $contextualArgument_1_0__client) { offers { price(round: $round) inStock } }
      }`,
      variables: { round: true, contextualArgument_1_0: 'nl', contextualArgument_1_0__client: 'uk' },
      answer: {
        data: {
          first: {
            price: {
              currency: 'mug {"round":true,"code":"EUR","members":true}',
              exact: 'mug {"round":false,"code":"EUR","members":true}',
            },
          },
          second: { offers: [{ price: 'tea {"round":true,"code":"GBP","members":false}', inStock: 3 }] },
        },
      },
      apolloIsWrong,
      plainOnly,
    },
    {
      about: 'gives each entity its own objects',
      query: '{ shops { best { shopNote { text } } } }',
      answer: {
        data: {
          shops: [
            { best: { shopNote: { text: 'sold in nl' } } },
            { best: null },
            { best: { shopNote: { text: 'sold in de' } } },
            { best: { shopNote: { text: 'sold in sea' } } },
          ],
        },
      },
      apolloIsWrong,
      plainOnly,
    },
    {
      about: "is not the client's to give",
      query: '{ shops { best { price(code: "EUR") } } }',
      answer: {
        errors: [
          {
            message: 'Unknown argument "code" on field "Offer.price".',
            extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
          },
        ],
      },
    },
  ],
} satisfies FederationCase;
