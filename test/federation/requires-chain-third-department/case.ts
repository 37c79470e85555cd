import type { FederationCase } from '../../kit/federation-case.ts';

interface Club {
  members: number;
  grant: number;
}

export default {
  about: 'A department is asked again for a field that it can only compute from a third department’s',
  resolvers: {
    clubs: {
      Query: { club: () => ({ id: 'rowers' }) },
      Club: { grant: ({ members }: Club) => members * 50 },
    },
    registry: { Club: { members: () => 80 } },
    audits: { Club: { auditFee: ({ grant }: Club) => grant / 100 } },
  },
  operations: [
    {
      about: 'because a fourth field requires it',
      query: '{ club { auditFee } }',
      answer: { data: { club: { auditFee: 40 } } },
      apolloIsWrong: 'takes the required field from the department in which it is external',
    },
    {
      about: 'because the client asks for it',
      query: '{ club { grant } }',
      answer: { data: { club: { grant: 4000 } } },
    },
    {
      about: 'because both do, in any order',
      query: '{ club { members auditFee grant } }',
      answer: { data: { club: { members: 80, auditFee: 40, grant: 4000 } } },
      apolloIsWrong: 'takes the required field from the department in which it is external',
    },
  ],
} satisfies FederationCase;
