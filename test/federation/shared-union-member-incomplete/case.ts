import type { FederationCase } from '../../kit/federation-case.ts';

const animals = [
  { __typename: 'Deer', name: 'Bo' },
  { __typename: 'Wolf', pack: 3 },
];

export default {
  about: 'A union’s member lacks a field in the department that gives it, and cannot be found in another',
  resolvers: { west: { Query: { west: () => ({ id: 'w', zone: { animals } }) } } },
  operations: [
    {
      about: 'and there is an error in its place, for null would say that there is nothing',
      query: '{ west { zone { animals { ... on Deer { name } ... on Wolf { pack age } } } } }',
      answer: {
        data: { west: { zone: { animals: [{ name: 'Bo' }, { pack: 3, age: null }] } } },
        errors: [{ path: ['west', 'zone', 'animals', 1, 'age'], extensions: { code: 'PLANNING_FAILED' } }],
      },
      apolloIsWrong: 'it asks for none of its fields and says nothing',
    },
    {
      about: 'and there is none where nobody asks for it',
      query: '{ west { zone { animals { ... on Wolf { pack } } } } }',
      answer: { data: { west: { zone: { animals: [{}, { pack: 3 }] } } } },
      apolloIsWrong: 'it asks for none of its fields and says nothing',
    },
  ],
} satisfies FederationCase;
