import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'An entity has no value for its key',
  resolvers: {
    notices: {
      Query: {
        notices: () => [
          { number: 'n1', text: 'Road closed' },
          { number: null, text: 'Draft' },
        ],
      },
    },
    replies: {
      Notice: { __resolveReference: ({ number }: { number: string | null }) => number && { number, replies: 4 } },
    },
  },
  operations: [
    {
      about: 'and what other departments know of it is null',
      query: '{ notices { text replies } }',
      answer: {
        data: {
          notices: [
            { text: 'Road closed', replies: 4 },
            { text: 'Draft', replies: null },
          ],
        },
      },
    },
  ],
} satisfies FederationCase;
