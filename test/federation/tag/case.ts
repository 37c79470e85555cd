import type { FederationCase } from '../../kit/federation-case.ts';

const trees = [
  { id: '1', kind: 'LIME' },
  { id: '2', kind: 'ELM' },
];

export default {
  about: 'Tags sort elements for contracts',
  resolvers: {
    trees: {
      Query: {
        trees: (_: unknown, wanted: { kind?: string }) =>
          trees.filter(({ kind }) => wanted.kind === undefined || kind === wanted.kind),
      },
    },
    care: { Tree: { wateredBy: ({ id }: { id: string }) => `gardener ${id}` } },
  },
  operations: [
    {
      about: 'and change nothing for an operation',
      query: '{ trees(kind: ELM) { id kind wateredBy } }',
      answer: { data: { trees: [{ id: '2', kind: 'ELM', wateredBy: 'gardener 2' }] } },
    },
  ],
} satisfies FederationCase;
