import type { FederationCase } from '../../kit/federation-case.ts';

interface Depot {
  sacks: number | null;
}

export default {
  about: 'A field that is required with arguments fails',
  resolvers: {
    stock: {
      Query: { depot: () => ({ id: 'd' }) },
      Depot: {
        sacks(_: unknown, { of }: { of: string }) {
          if (of === 'salt') throw new Error('The salt was not counted.');
          return 40;
        },
      },
    },
    winter: {
      Depot: {
        daysOfSalt: ({ sacks }: Depot) => sacks && sacks / 4,
        daysOfSand: ({ sacks }: Depot) => sacks && sacks / 4,
      },
    },
  },
  operations: [
    {
      about: 'and its error stands at the name of the required field',
      query: '{ depot { daysOfSalt } }',
      answer: {
        data: { depot: { daysOfSalt: null } },
        errors: [{ message: 'The salt was not counted.', path: ['depot', 'sacks'], extensions: { service: 'stock' } }],
      },
    },
    {
      about: 'and what is required with others is not touched',
      query: '{ depot { daysOfSalt daysOfSand sacks(of: "grit") } }',
      answer: {
        data: { depot: { daysOfSalt: null, daysOfSand: 10, sacks: 40 } },
        errors: [{ message: 'The salt was not counted.', extensions: { service: 'stock' } }],
      },
      apolloIsWrong: 'gives all of them one value',
    },
  ],
} satisfies FederationCase;
