import type { FederationCase } from '../../kit/federation-case.ts';

const APOLLO_DROPS = 'it asks for no field of a member that one of the departments does not know';

const arrow = { __typename: 'Arrow', direction: 'left' };
const limit = {
  __typename: 'Limit',
  code: 'L30',
  zone: { name: ({ language }: { language: string }) => `zone in ${language}`, gates: [{ width: 3 }, { width: 4 }] },
};
const roadwork = { __typename: 'Roadwork', code: 7, until: 'May' };
const crossing = { id: 'c', board: { signs: [arrow, limit, roadwork] } };

export default {
  about: 'A field that two departments share gives a union, of which each knows other members',
  resolvers: {
    roads: { Query: { crossing: () => crossing }, Mutation: { close: () => crossing } },
    trams: {
      Query: { stop: () => ({ id: 's', board: { signs: [{ __typename: 'Platform', line: 5 }, arrow] } }) },
      Crossing: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        nextBoard: () => ({ signs: [{ __typename: 'Platform', line: 6 }] }),
      },
    },
    permits: { Roadwork: { holder: ({ code }: { code: number }) => ({ name: `holder ${code}` }) } },
  },
  operations: [
    {
      about: 'and the department that is asked is asked for the members that it alone knows',
      query: `{
        crossing { board { signs { __typename ... on Arrow { direction } ... on Limit { code } ... on Platform { line } } } }
        stop { board { signs { ... on Limit { code } ... on Platform { line } } } }
      }`,
      answer: {
        data: {
          crossing: {
            board: { signs: [arrow, { __typename: 'Limit', code: 'L30' }, { __typename: 'Roadwork' }] },
          },
          stop: { board: { signs: [{ line: 5 }, {}] } },
        },
      },
      apolloIsWrong: APOLLO_DROPS,
    },
    {
      about: 'and all that is below such a member’s fields, with the variables that it needs',
      query: `query ($language: String!) {
        crossing { board { signs { ... on Limit { where: zone { name(language: $language) gates { width } } } } } }
      }`,
      variables: { language: 'nl' },
      answer: {
        data: {
          crossing: {
            board: { signs: [{}, { where: { name: 'zone in nl', gates: [{ width: 3 }, { width: 4 }] } }, {}] },
          },
        },
      },
      apolloIsWrong: APOLLO_DROPS,
    },
    {
      about: 'and what a third department adds to such a member is joined to it',
      query: '{ crossing { board { signs { ... on Roadwork { until holder { name } } } } } }',
      answer: {
        data: { crossing: { board: { signs: [{}, {}, { until: 'May', holder: { name: 'holder 7' } }] } } },
      },
      apolloIsWrong: APOLLO_DROPS,
    },
    {
      about: 'and members whose fields of one name differ in type are asked under other names',
      query:
        '{ crossing { board { signs { ... on Limit { code } ... on Roadwork { number: code holder { name } } } } } }',
      answer: {
        data: { crossing: { board: { signs: [{}, { code: 'L30' }, { number: 7, holder: { name: 'holder 7' } }] } } },
      },
      apolloIsWrong: APOLLO_DROPS,
      plainOnly: 'names are changed on their way',
    },
    {
      about: 'and after a mutation',
      query: 'mutation { close { board { signs { ... on Roadwork { holder { name } } ... on Limit { code } } } } }',
      answer: {
        data: { close: { board: { signs: [{}, { code: 'L30' }, { holder: { name: 'holder 7' } }] } } },
      },
      apolloIsWrong: APOLLO_DROPS,
      plainOnly: 'names are changed on their way',
    },
    {
      about: 'and what only one of them gives is asked as ever',
      query: '{ crossing { nextBoard { signs { ... on Limit { code } ... on Platform { line } } } } }',
      answer: { data: { crossing: { nextBoard: { signs: [{ line: 6 }] } } } },
    },
  ],
} satisfies FederationCase;
