import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'The schema is asked about itself',
  resolvers: {
    records: { Query: { record: (_: unknown, { number }: { number: string }) => ({ number }), count: () => 3 } },
    scans: { Record: { scan: () => 'pixels' } },
  },
  operations: [
    {
      about: 'and shows the graph, and nothing of federation',
      query: `{
        __schema { queryType { name fields { name } } mutationType { name } }
        key: __type(name: "Record") { fields { name args { name type { ofType { name } } defaultValue } } }
        entity: __type(name: "_Entity") { name }
        service: __type(name: "_Service") { name }
        fields: __type(name: "join__FieldSet") { name }
      }`,
      answer: {
        data: {
          __schema: {
            queryType: { name: 'Query', fields: [{ name: 'record' }] },
            mutationType: null,
          },
          key: {
            fields: [
              { name: 'number', args: [] },
              { name: 'scan', args: [{ name: 'format', type: { ofType: { name: 'Format' } }, defaultValue: 'PNG' }] },
            ],
          },
          entity: null,
          service: null,
          fields: null,
        },
      },
      plainOnly: 'introspection is answered by the schema itself',
    },
    {
      about: 'and tells descriptions, defaults and deprecations',
      query: `query ($deprecated: Boolean = true) {
        __type(name: "Query") {
          description
          fields(includeDeprecated: $deprecated) {
            name
            description
            deprecationReason
            args { name defaultValue type { kind ofType { name } } }
          }
        }
      }`,
      answer: {
        data: {
          __type: {
            description: 'Everything that is on record.',
            fields: [
              {
                name: 'record',
                description: 'Found by its number.',
                deprecationReason: null,
                args: [{ name: 'number', defaultValue: null, type: { kind: 'NON_NULL', ofType: { name: 'ID' } } }],
              },
              {
                name: 'count',
                description: null,
                deprecationReason: 'Ask `record`.',
                args: [{ name: 'since', defaultValue: '1990', type: { kind: 'SCALAR', ofType: null } }],
              },
            ],
          },
        },
      },
      plainOnly: 'introspection is answered by the schema itself',
    },
    {
      about: 'beside what is asked of the departments, under aliases, in fragments and under conditions',
      query: `query ($type: String!, $yes: Boolean!) {
        record(number: 7) { number scan }
        ...Schema
        missing: __type(name: "Nothing") { name }
      }
      fragment Schema on Query {
        of: __type(name: $type) { __typename kind fields @skip(if: $yes) { name } }
        __schema @include(if: $yes) { queryType { name @skip(if: $yes) kind } }
      }`,
      variables: { type: 'Record', yes: true },
      answer: {
        data: {
          record: { number: '7', scan: 'pixels' },
          of: { __typename: '__Type', kind: 'OBJECT' },
          __schema: { queryType: { kind: 'OBJECT' } },
          missing: null,
        },
      },
      plainOnly: 'introspection is answered by the schema itself',
    },
  ],
} satisfies FederationCase;
