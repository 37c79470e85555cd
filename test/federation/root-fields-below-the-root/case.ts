import type { FederationCase } from '../../kit/federation-case.ts';

const makeResolvers = () => {
  let opensAt = 9;
  return {
    library: {
      Query: { books: () => [{ isbn: '978' }], opensAt: () => opensAt },
      Mutation: {
        open(_: unknown, { at }: { at: number }) {
          opensAt = at;
          return { at, query: {}, queries: [{}, {}] };
        },
      },
    },
    reviews: { Query: { bestReview: () => 'Wet, but good.' }, Book: { stars: () => 5 } },
  };
};

export default {
  about: 'A field leads back to the root',
  resolvers: makeResolvers,
  operations: [
    {
      about: 'and from there to every department',
      query: 'mutation { open(at: 8) { at query { opensAt bestReview books { stars } } } }',
      answer: {
        data: { open: { at: 8, query: { opensAt: 8, bestReview: 'Wet, but good.', books: [{ stars: 5 }] } } },
      },
      plainOnly: 'root fields below the root',
    },
    {
      about: 'in a list',
      query: 'mutation { open(at: 7) { all: queries { __typename hour: opensAt best: bestReview } } }',
      answer: {
        data: {
          open: {
            all: [
              { __typename: 'Query', hour: 7, best: 'Wet, but good.' },
              { __typename: 'Query', hour: 7, best: 'Wet, but good.' },
            ],
          },
        },
      },
      plainOnly: 'root fields below the root',
    },
  ],
} satisfies FederationCase;
