import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A department provides a part of an object of another’s entity',
  resolvers: {
    clinic: {
      Query: { visits: () => [{ day: 'Monday', doctor: { id: 'd', office: { room: '12' } } }] },
    },
    staff: {
      Doctor: { __resolveReference: ({ id }: { id: string }) => ({ id, office: { room: '12', phone: '555' } }) },
    },
  },
  operations: [
    {
      about: 'and that part alone is taken from it',
      query: '{ visits { doctor { office { room } } } }',
      answer: { data: { visits: [{ doctor: { office: { room: '12' } } }] } },
    },
    {
      about: 'and the rest comes from the owner into the same object',
      query: '{ visits { doctor { office { phone room } } } }',
      answer: { data: { visits: [{ doctor: { office: { phone: '555', room: '12' } } }] } },
      plainOnly: 'an object comes in parts from two departments',
    },
  ],
} satisfies FederationCase;
