import type { FederationCase } from '../../kit/federation-case.ts';

const cases = [
  { id: '1', status: 'OPEN' },
  { id: '2', status: 'SEALED' },
];

export default {
  about: 'A value of an enum is not for clients',
  resolvers: {
    prisons: {
      Query: {
        cases: () => cases,
        byStatus: (_: unknown, wanted: { status: string }) => cases.filter(({ status }) => status === wanted.status),
      },
    },
  },
  operations: [
    {
      about: 'and is null with an error that does not name it, where a department gives it',
      query: '{ cases { id status } }',
      answer: {
        data: {
          cases: [
            { id: '1', status: 'OPEN' },
            { id: '2', status: null },
          ],
        },
        errors: [
          {
            message: 'A department gave a value that the schema does not allow. It was for Case.status.',
            path: ['cases', 1, 'status'],
            extensions: { code: 'INVALID_VALUE' },
          },
        ],
      },
      apolloIsWrong: 'says so in an extension, and not among the errors',
    },
    {
      about: 'and is refused as an argument',
      query: '{ byStatus(status: SEALED) { id } }',
      answer: {
        errors: [
          {
            message: 'Value "SEALED" does not exist in "Status" enum.',
            extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
          },
        ],
      },
    },
    {
      about: 'and is refused as a variable',
      query: 'query ($status: Status!) { byStatus(status: $status) { id } }',
      variables: { status: 'SEALED' },
      answer: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    },
  ],
} satisfies FederationCase;
