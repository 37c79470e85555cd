import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A department gives IDs as numbers',
  resolvers: {
    parking: {
      Query: {
        spaces: () => [
          { id: 12, car: 0 },
          { id: 13, car: null },
        ],
      },
    },
    meters: { Space: { paidUntil: ({ id }: { id: string }) => (String(id) === '12' ? 'noon' : null) } },
  },
  operations: [
    {
      about: 'and to clients they are texts',
      query: '{ spaces { id car } }',
      answer: {
        data: {
          spaces: [
            { id: '12', car: '0' },
            { id: '13', car: null },
          ],
        },
      },
      apolloIsWrong: 'hands the numbers on',
      plainOnly: 'a program reads IDs that are texts, as they should be',
    },
    {
      about: 'and they are keys all the same',
      query: '{ spaces { id paidUntil } }',
      answer: {
        data: {
          spaces: [
            { id: '12', paidUntil: 'noon' },
            { id: '13', paidUntil: null },
          ],
        },
      },
      apolloIsWrong: 'hands the numbers on',
      plainOnly: 'a program reads IDs that are texts, as they should be',
    },
  ],
} satisfies FederationCase;
