import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A key of several fields is sent as a whole',
  resolvers: {
    addresses: {
      Query: {
        addresses: () => [
          { street: 'Mill Lane', number: 1, district: 'North' },
          { street: 'Mill Lane', number: 2, district: 'North' },
          { street: 'Quay', number: 1, district: 'Port' },
        ],
      },
    },
    waste: {
      Address: {
        collectedOn: ({ street, number }: { street: string; number: number }) =>
          street === 'Quay' ? null : `${street} ${number % 2 === 1 ? 'Monday' : 'Thursday'}`,
      },
    },
  },
  operations: [
    {
      about: 'and tells entities apart that share a part of it',
      query: '{ addresses { district collectedOn } }',
      answer: {
        data: {
          addresses: [
            { district: 'North', collectedOn: 'Mill Lane Monday' },
            { district: 'North', collectedOn: 'Mill Lane Thursday' },
            { district: 'Port', collectedOn: null },
          ],
        },
      },
    },
  ],
} satisfies FederationCase;
