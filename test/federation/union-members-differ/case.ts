import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A union has other members in each department',
  resolvers: {
    inbox: {
      Query: {
        inbox: () => [
          { __typename: 'Letter', id: 'l', pages: 2 },
          { __typename: 'Email', id: 'e', bytes: 900 },
        ],
      },
      Letter: { pages: () => 2 },
    },
    switchboard: {
      Query: {
        latest: () => [
          { __typename: 'Call', seconds: 40 },
          { __typename: 'Letter', id: 'l' },
        ],
      },
      Letter: { stampedAt: () => 1400 },
    },
  },
  operations: [
    {
      about: 'and a fragment on a member that a department does not know is not sent to it',
      query: `{
        inbox { ... on Call { seconds } ... on Letter { pages } ... on Email { bytes } }
        latest { ... on Call { seconds } ... on Letter { stampedAt } ... on Email { bytes } }
      }`,
      answer: {
        data: { inbox: [{ pages: 2 }, { bytes: 900 }], latest: [{ seconds: 40 }, { stampedAt: 1400 }] },
      },
    },
    {
      about: 'and a member of both is joined on either way',
      query: '{ inbox { ... on Letter { stampedAt } } latest { __typename ... on Letter { pages } } }',
      answer: {
        data: {
          inbox: [{ stampedAt: 1400 }, {}],
          latest: [{ __typename: 'Call' }, { __typename: 'Letter', pages: 2 }],
        },
      },
    },
    {
      about: 'and a department that knows none of what is asked gives empty objects',
      query: '{ inbox { ... on Call { seconds } } }',
      answer: { data: { inbox: [{}, {}] } },
    },
  ],
} satisfies FederationCase;
