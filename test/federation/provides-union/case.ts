import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A department provides fields of several members of a union',
  resolvers: {
    dispatch: {
      Query: {
        calls: () => [
          { hour: 3, sent: { __typename: 'Truck', id: 't', litres: 4000 } },
          { hour: 4, sent: { __typename: 'Ambulance', id: 'a', beds: 2 } },
          { hour: 5, sent: null },
        ],
      },
    },
    fleet: { Ambulance: { beds: () => 1, plate: () => 'XA-1' }, Truck: { litres: () => 5000 } },
  },
  operations: [
    {
      about: 'and they are taken from it',
      query: '{ calls { sent { ... on Ambulance { beds } ... on Truck { litres } } } }',
      answer: { data: { calls: [{ sent: { litres: 4000 } }, { sent: { beds: 2 } }, { sent: null }] } },
    },
    {
      about: 'beside what only the owner has',
      query: '{ calls { hour sent { ... on Ambulance { plate beds } } } }',
      answer: {
        data: {
          calls: [
            { hour: 3, sent: {} },
            { hour: 4, sent: { plate: 'XA-1', beds: 2 } },
            { hour: 5, sent: null },
          ],
        },
      },
    },
  ],
} satisfies FederationCase;
