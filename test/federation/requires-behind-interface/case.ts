import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A field of an interface requires other fields in each type behind it',
  resolvers: {
    stock: {
      Query: {
        articles: () => [
          { __typename: 'Lamp', sku: 'l', price: 30, watts: 60 },
          { __typename: 'Chair', sku: 'c', price: 80 },
        ],
      },
    },
    levies: {
      Lamp: { levy: ({ price, watts }: { price: number; watts: number }) => price + watts },
      Chair: { levy: ({ price }: { price: number }) => price / 10 },
    },
  },
  operations: [
    {
      about: 'and each type’s are fetched',
      query: '{ articles { levy } }',
      answer: { data: { articles: [{ levy: 90 }, { levy: 8 }] } },
    },
    {
      about: 'beside others that the client asks for by type',
      query: '{ articles { ... on Lamp { watts } ... on Article { levy price } } }',
      answer: {
        data: {
          articles: [
            { watts: 60, levy: 90, price: 30 },
            { levy: 8, price: 80 },
          ],
        },
      },
    },
  ],
} satisfies FederationCase;
