import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'Introspection is switched off',
  introspection: false,
  resolvers: { records: { Query: { record: (_: unknown, { number }: { number: string }) => ({ number }) } } },
  operations: [
    {
      about: 'and asking for the schema is refused',
      query: '{ __schema { description } }',
      answer: { errors: [{ extensions: { code: 'INTROSPECTION_DISABLED' } }] },
    },
    {
      about: 'and asking for a type is refused, with all that is asked beside it',
      query: '{ record(number: 1) { number } more: __type(name: "Record") { name } }',
      answer: { errors: [{ extensions: { code: 'INTROSPECTION_DISABLED' } }] },
    },
    {
      about: 'and the name of an object’s type is no part of it',
      query: '{ __typename record(number: 1) { __typename number } }',
      answer: { data: { __typename: 'Query', record: { __typename: 'Record', number: '1' } } },
    },
    {
      about: 'and an error does not give names away',
      query: '{ record(number: 1) { numbr } }',
      answer: {
        errors: [
          {
            message: 'Cannot query field "numbr" on type "Record".',
            extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
          },
        ],
      },
    },
  ],
} satisfies FederationCase;
