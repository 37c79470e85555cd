import type { FederationCase } from '../../kit/federation-case.ts';

const salaryOf: Record<string, number> = { p: 5000, c: 3000 };
const salary = ({ id }: { id: string }) => salaryOf[id];

export default {
  about: 'An interface has fields of several departments',
  resolvers: {
    staff: {
      Query: {
        crew: () => [
          { __typename: 'Pilot', id: 'p', name: 'Ana' },
          { __typename: 'Clerk', id: 'c', name: 'Bo' },
        ],
      },
    },
    payroll: { Pilot: { salary }, Clerk: { salary, overtime: () => 12 } },
  },
  operations: [
    {
      about: 'and each object is joined by its own type',
      query: '{ crew { salary name } }',
      answer: {
        data: {
          crew: [
            { salary: 5000, name: 'Ana' },
            { salary: 3000, name: 'Bo' },
          ],
        },
      },
    },
    {
      about: 'and a fragment adds to what is asked of all',
      query: '{ crew { salary ... on Clerk { overtime } ... on Worker { name } } }',
      answer: {
        data: {
          crew: [
            { salary: 5000, name: 'Ana' },
            { salary: 3000, overtime: 12, name: 'Bo' },
          ],
        },
      },
    },
  ],
} satisfies FederationCase;
