import type { FederationCase } from '../../kit/federation-case.ts';

type Filtered = { filter?: { district: string } };

export default {
  about: 'An input and the arguments of a field differ by department',
  resolvers: {
    events: {
      Query: { events: (_: unknown, { filter }: Filtered) => [{ id: `fair in ${filter?.district ?? 'town'}` }] },
      Event: { guests: (_: unknown, { filter }: Filtered) => (filter ? 10 : 100) },
    },
    tickets: {
      Query: { events: (_: unknown, { filter }: Filtered) => [{ id: `fair in ${filter?.district ?? 'town'}` }] },
      Event: { tickets: (_: unknown, { filter }: Filtered) => [`seat ${filter?.district ?? 'anywhere'}`] },
    },
  },
  operations: [
    {
      about: 'and clients have what all departments know',
      query: `query ($filter: Filter!) {
        events(filter: $filter) { id guests(filter: { district: "Port" }) tickets(filter: $filter) }
      }`,
      variables: { filter: { district: 'Hill' } },
      answer: { data: { events: [{ id: 'fair in Hill', guests: 10, tickets: ['seat Hill'] }] } },
      plainOnly: 'the events come in parts from two departments',
    },
    {
      about: 'and an input field of one department alone is refused',
      query: '{ events(filter: { district: "Hill", free: true }) { id } }',
      answer: { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    },
    {
      about: 'and an argument of one department alone is refused',
      query: '{ events(first: 1) { id } }',
      answer: { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    },
  ],
} satisfies FederationCase;
