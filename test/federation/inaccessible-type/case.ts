import type { FederationCase } from '../../kit/federation-case.ts';

const files = [
  { __typename: 'Letter', id: 'l', from: 'Harbour office' },
  { __typename: 'Dossier', id: 'd', subject: 'secret' },
];

export default {
  about: 'A type behind a union or an interface is not for clients',
  resolvers: { archive: { Query: { files: () => files, records: () => files } } },
  operations: [
    {
      about: 'and an object of it is no value of the union',
      query: '{ files { ... on Letter { from } } }',
      answer: {
        data: null,
        errors: [{ path: ['files', 1], extensions: { code: 'INVALID_VALUE' } }],
      },
      apolloIsWrong: 'says so in an extension, and not among the errors',
    },
    {
      about: 'and an object of it is no value of the interface',
      query: '{ records { id } }',
      answer: {
        data: null,
        errors: [{ path: ['records', 1], extensions: { code: 'INVALID_VALUE' } }],
      },
      apolloIsWrong: 'says so in an extension, and not among the errors',
    },
    {
      about: 'and a fragment on it is refused',
      query: '{ files { ... on Dossier { subject } } }',
      answer: {
        errors: [{ message: 'Unknown type "Dossier".', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
      },
    },
  ],
} satisfies FederationCase;
