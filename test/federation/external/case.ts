import type { FederationCase } from '../../kit/federation-case.ts';

const boats = [{ __typename: 'Boat', id: 'b', metres: -1, licence: 'rentals must not be asked' }];

export default {
  about: 'A department declares fields of another as external',
  resolvers: {
    rentals: {
      Query: { boats: () => boats, licensed: () => boats },
      Boat: { berthFee: ({ metres }: { metres: number }) => metres * 4 },
    },
    registry: { Boat: { metres: () => 7.5, licence: () => 'KL-9' } },
  },
  operations: [
    {
      about: 'because another field requires them, and they are asked of their owner',
      query: '{ boats { metres berthFee } }',
      answer: { data: { boats: [{ metres: 7.5, berthFee: 30 }] } },
    },
    {
      about: 'because an interface has them, and they are asked of their owner',
      query: '{ licensed { licence } boats { licence } }',
      answer: { data: { licensed: [{ licence: 'KL-9' }], boats: [{ licence: 'KL-9' }] } },
    },
  ],
} satisfies FederationCase;
