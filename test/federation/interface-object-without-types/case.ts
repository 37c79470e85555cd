import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A department that knows an interface as an object, while no type implements it,',
  resolvers: {
    notes: {
      Query: {
        pinned: () => ({ id: 's1', note: 'water' }),
        subjects: () => [{ id: 's1', note: 'water' }, { id: 's2' }],
      },
    },
    subjects: { Query: { newest: () => 2 } },
  },
  operations: [
    {
      about: 'may give it, and its fields',
      query: '{ pinned { id ... on Subject { note } } subjects { name: id } }',
      answer: { data: { pinned: { id: 's1', note: 'water' }, subjects: [{ name: 's1' }, { name: 's2' }] } },
      plainOnly: 'a program knows objects by their types',
    },
  ],
} satisfies FederationCase;
