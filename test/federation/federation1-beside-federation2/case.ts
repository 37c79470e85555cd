import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A subgraph of Federation 1 and one of Federation 2 are one graph',
  resolvers: {
    people: { Query: { person: () => ({ id: 'p', name: 'Piet', home: { street: 'Quay' } }) } },
    elections: {
      Query: { pollingPlace: () => ({ street: 'School Lane' }) },
      Person: { ballot: ({ name }: { name: string }) => `ballot for ${name}` },
    },
  },
  operations: [
    {
      about: 'with entities, requirements and value types across the two',
      query: '{ person { ballot home { street } } pollingPlace { street } }',
      answer: {
        data: {
          person: { ballot: 'ballot for Piet', home: { street: 'Quay' } },
          pollingPlace: { street: 'School Lane' },
        },
      },
    },
  ],
} satisfies FederationCase;
