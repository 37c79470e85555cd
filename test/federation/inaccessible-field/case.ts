import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A field that clients may not see joins departments all the same',
  resolvers: {
    citizens: {
      Query: { citizen: () => ({ number: '123', name: 'Nadia', income: 1000 }), registerSize: () => 1 },
      Citizen: { __resolveReference: () => ({ number: '123', name: 'Nadia', income: 1000 }) },
    },
    benefits: { Citizen: { allowance: ({ income }: { income: number }) => 1500 - income } },
  },
  operations: [
    {
      about: 'as a key and as what another field requires',
      query: '{ citizen { name allowance } }',
      answer: { data: { citizen: { name: 'Nadia', allowance: 500 } } },
    },
    {
      about: 'and is not there for a client that asks for it',
      query: '{ citizen { income } }',
      answer: {
        errors: [
          {
            message: 'Cannot query field "income" on type "Citizen". Did you mean "name"?',
            extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
          },
        ],
      },
    },
    {
      about: 'and introspection does not show it',
      query: '{ __type(name: "Citizen") { fields { name } } __schema { queryType { fields { name } } } }',
      answer: {
        data: {
          __type: { fields: [{ name: 'allowance' }, { name: 'name' }] },
          __schema: { queryType: { fields: [{ name: 'citizen' }] } },
        },
      },
      plainOnly: 'introspection is answered by the schema itself',
    },
  ],
} satisfies FederationCase;
