import type { FederationCase } from '../../kit/federation-case.ts';

interface Club {
  id: string;
  members: number | undefined;
  grant: number;
}

const MEMBERS: Record<string, number> = { paying: 80, honorary: 3 };

export default {
  about: 'A supergraph of Federation 1 in which a requirement is itself given against one',
  resolvers: {
    grants: {
      Query: { club: () => ({ id: 'rowers' }) },
      Club: { grant: ({ members }: Club) => (members === undefined ? null : members * 50) },
    },
    audits: {
      Query: { clubs: () => [{ id: 'rowers' }] },
      Club: {
        __resolveReference: (key: Club) => key,
        members: (_: unknown, { kind }: { kind?: string }) => (kind ? MEMBERS[kind] : 83),
        auditFee: ({ grant }: Club) => grant / 100,
      },
    },
  },
  operations: [
    {
      about: 'hands each department what it is owed, though the entity comes from the one that owes',
      query: '{ club { auditFee } }',
      answer: { data: { club: { auditFee: 40 } } },
      apolloIsWrong: 'takes the required field from the department in which it is external',
    },
    {
      about: 'keeps apart what is required and what the client asks for with other arguments',
      query: '{ clubs { auditFee honorary: members(kind: "honorary") members } }',
      answer: { data: { clubs: [{ auditFee: 40, honorary: 3, members: 83 }] } },
      apolloIsWrong: 'loses the client’s arguments',
    },
  ],
} satisfies FederationCase;
