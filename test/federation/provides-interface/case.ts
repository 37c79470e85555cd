import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A department provides a field of one type behind an interface',
  resolvers: {
    museums: {
      Query: {
        rooms: () => [
          {
            name: 'A',
            exhibits: [
              { __typename: 'Painting', id: 'p', artist: 'Ruys (label)' },
              { __typename: 'Fossil', id: 'f' },
            ],
          },
        ],
      },
    },
    collection: { Painting: { artist: () => 'Ruys' }, Fossil: { era: () => 'Jurassic' } },
  },
  operations: [
    {
      about: 'and that of the other types comes from the owner',
      query: '{ rooms { exhibits { ... on Painting { artist } ... on Fossil { era } } } }',
      answer: { data: { rooms: [{ exhibits: [{ artist: 'Ruys (label)' }, { era: 'Jurassic' }] }] } },
    },
  ],
} satisfies FederationCase;
