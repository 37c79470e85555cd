import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'Fragments inside each other that no type satisfies',
  resolvers: {
    forms: {
      Query: {
        applications: () => [
          { __typename: 'Permit', number: 4 },
          { __typename: 'Subsidy', amount: 100 },
        ],
      },
    },
  },
  operations: [
    {
      about: 'are nothing, alone',
      query: '{ applications { ... on Numbered { ... on Application { ... on Subsidy { amount } } } } }',
      answer: { data: { applications: [{}, {}] } },
      apolloIsWrong: 'fails to plan',
    },
    {
      about: 'are nothing, beside others',
      query: `{
        applications {
          ... on Numbered { number ... on Application { ... on Subsidy { amount } } }
          ... on Subsidy { amount ... on Application { ... on Numbered { number } } }
        }
      }`,
      answer: { data: { applications: [{ number: 4 }, { amount: 100 }] } },
      apolloIsWrong: 'fails to plan',
    },
  ],
} satisfies FederationCase;
