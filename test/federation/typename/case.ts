import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A client asks for the names of types',
  resolvers: {
    harbour: {
      Query: {
        ships: () => [
          { __typename: 'Tug', id: 't', engine: 750 },
          { __typename: 'Yacht', id: 'y' },
        ],
      },
      Mutation: { moor: () => ({ __typename: 'Tug', id: 't' }) },
    },
    customs: { Yacht: { search: () => ({ found: [{ __typename: 'Cargo', what: 'rum' }] }) } },
  },
  operations: [
    {
      about: 'on every level, under any name',
      query: `{
        __typename
        ships {
          kind: __typename
          ... on Yacht { __typename search { __typename found { __typename of: __typename what } } }
        }
        root: __typename
      }`,
      answer: {
        data: {
          __typename: 'Query',
          ships: [
            { kind: 'Tug' },
            {
              kind: 'Yacht',
              __typename: 'Yacht',
              search: { __typename: 'Search', found: [{ __typename: 'Cargo', of: 'Cargo', what: 'rum' }] },
            },
          ],
          root: 'Query',
        },
      },
    },
    {
      about: 'and of nothing else',
      query: '{ ships { __typename } }',
      answer: { data: { ships: [{ __typename: 'Tug' }, { __typename: 'Yacht' }] } },
    },
    {
      about: 'of the root alone, for which no department is asked',
      query: '{ __typename }',
      answer: { data: { __typename: 'Query' } },
      plainOnly: 'there is nothing to fetch',
    },
    {
      about: 'of a mutation',
      query: 'mutation { __typename moor { __typename } }',
      answer: { data: { __typename: 'Mutation', moor: { __typename: 'Tug' } } },
    },
    {
      about: 'and gives the name to another field',
      query: '{ ships { ... on Tug { __typename: engine } ... on Yacht { search { __typename: found { what } } } } }',
      answer: { data: { ships: [{ __typename: 750 }, { search: { __typename: [{ what: 'rum' }] } }] } },
      apolloIsWrong: 'takes the field for the name of the type, and fails',
    },
  ],
} satisfies FederationCase;
