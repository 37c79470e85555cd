import type { FederationCase } from '../../kit/federation-case.ts';

interface Club {
  members: number | undefined;
  grant: number;
}

export default {
  about: 'A department requires a field that is itself computed from a field of that department',
  resolvers: {
    grants: {
      Query: { club: () => ({ id: 'rowers' }) },
      Club: { grant: ({ members }: Club) => (members === undefined ? null : members * 50) },
    },
    audits: {
      Club: {
        __resolveReference: (key: object) => ({ ...key, members: 80 }),
        auditFee: ({ grant }: Club) => grant / 100,
      },
    },
  },
  operations: [
    {
      about: 'and is asked twice',
      query: '{ club { auditFee } }',
      answer: { data: { club: { auditFee: 40 } } },
      apolloIsWrong: 'takes the required field from the department in which it is external',
    },
    {
      about: 'also where the client asks for the steps on the way',
      query: '{ club { grant auditFee members } }',
      answer: { data: { club: { grant: 4000, auditFee: 40, members: 80 } } },
      apolloIsWrong: 'takes the required field from the department in which it is external',
    },
  ],
} satisfies FederationCase;
