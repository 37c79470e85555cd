import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A field moves from one department to another by and by, under a label that nobody has switched on',
  resolvers: {
    old: {
      Query: { bridges: () => [{ id: 'b', clearance: 4, load: 30 }] },
      Bridge: { __resolveReference: () => ({ id: 'b', clearance: 4, load: 30 }) },
    },
    new: {
      Query: { openBridges: () => [{ id: 'b', clearance: 4.5, load: 40 }] },
      Bridge: { __resolveReference: () => ({ id: 'b', clearance: 4.5, load: 40 }) },
    },
  },
  operations: [
    {
      about: 'and the old one is asked for it',
      query: '{ bridges { clearance load } }',
      answer: { data: { bridges: [{ clearance: 4, load: 30 }] } },
    },
    {
      about: 'also where the new one is at hand',
      query: '{ openBridges { clearance load } }',
      answer: { data: { openBridges: [{ clearance: 4, load: 30 }] } },
    },
  ],
} satisfies FederationCase;
