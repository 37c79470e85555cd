import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A field moves from one department to another',
  resolvers: {
    old: { Query: { bridges: () => [{ id: 'b', clearance: 4, builtIn: 1931 }] } },
    new: { Bridge: { clearance: () => 4.5 } },
  },
  operations: [
    {
      about: 'and the old one is not asked for it any more, though it still has it',
      query: '{ bridges { clearance builtIn } }',
      answer: { data: { bridges: [{ clearance: 4.5, builtIn: 1931 }] } },
    },
  ],
} satisfies FederationCase;
