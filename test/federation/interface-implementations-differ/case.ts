import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'An interface is implemented by other types in each department',
  resolvers: {
    parks: {
      Query: {
        places: () => [
          { __typename: 'Park', id: 'p', name: 'Dunes' },
          { __typename: 'Garden', name: 'Roses', beds: 12 },
        ],
      },
    },
    sports: {
      Query: { venues: () => [{ __typename: 'Stadium', name: 'Arena', seats: 9000 }] },
      Park: { pitches: () => 3 },
    },
  },
  operations: [
    {
      about: 'and each field is asked of a department that knows it',
      query: `{
        places { __typename name ... on Park { pitches } ... on Garden { beds } ... on Stadium { seats } }
        venues { name ... on Stadium { seats } ... on Garden { beds } }
      }`,
      answer: {
        data: {
          places: [
            { __typename: 'Park', name: 'Dunes', pitches: 3 },
            { __typename: 'Garden', name: 'Roses', beds: 12 },
          ],
          venues: [{ name: 'Arena', seats: 9000 }],
        },
      },
    },
  ],
} satisfies FederationCase;
