import type { FederationCase } from '../../kit/federation-case.ts';

interface Order {
  by: { credit: number } | null;
}

export default {
  about: 'A required field leads through one department’s object to another’s',
  resolvers: {
    orders: {
      Query: {
        orders: () => [
          { id: '1', by: { id: 'a' } },
          { id: '2', by: null },
          { id: '3', by: { id: 'b' } },
        ],
      },
    },
    credit: { Customer: { credit: ({ id }: { id: string }) => (id === 'a' ? 100 : 50) } },
    discounts: { Order: { discount: ({ by }: Order) => by && by.credit / 10 } },
  },
  operations: [
    {
      about: 'and is fetched first',
      query: '{ orders { discount } }',
      answer: { data: { orders: [{ discount: 10 }, { discount: null }, { discount: 5 }] } },
    },
    {
      about: 'beside what the client asks of the same object',
      query: '{ orders { discount by { is: id worth: credit } } }',
      answer: {
        data: {
          orders: [
            { discount: 10, by: { is: 'a', worth: 100 } },
            { discount: null, by: null },
            { discount: 5, by: { is: 'b', worth: 50 } },
          ],
        },
      },
    },
  ],
} satisfies FederationCase;
