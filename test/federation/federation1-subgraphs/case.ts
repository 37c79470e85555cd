import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'Subgraphs of Federation 1 extend types and mark keys as external',
  resolvers: {
    accounts: {
      Query: { me: () => ({ id: 'm', name: 'Nadia' }) },
      Member: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Nadia' }) },
    },
    lending: {
      Query: { loans: () => [{ title: 'Tides', by: { id: 'm', name: 'Nadia (slip)' } }] },
      Member: {
        loans: () => [{ title: 'Tides', by: null }],
        greeting: ({ name }: { name: string }) => `Good morning, ${name}`,
      },
    },
  },
  operations: [
    {
      about: 'and are joined as those of Federation 2 are',
      query: '{ me { name greeting loans { title by { id } } } loans { title } }',
      answer: {
        data: {
          me: { name: 'Nadia', greeting: 'Good morning, Nadia', loans: [{ title: 'Tides', by: null }] },
          loans: [{ title: 'Tides' }],
        },
      },
    },
    {
      about: 'and may provide what they mark as external',
      query: '{ loans { by { name } } }',
      answer: { data: { loans: [{ by: { name: 'Nadia (slip)' } }] } },
    },
  ],
} satisfies FederationCase;
