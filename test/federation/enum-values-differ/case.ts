import type { FederationCase } from '../../kit/federation-case.ts';

const cost = (_: unknown, { fuel }: { fuel?: string }) => (fuel === 'POWER' ? 10 : 20);

export default {
  about: 'An enum has other values in each department',
  resolvers: {
    fleet: {
      Query: { vehicles: (_: unknown, { fuel }: { fuel: string }) => [{ id: `${fuel}-1`, state: 'BROKEN' }] },
    },
    garage: { Vehicle: { nextState: () => 'SCRAPPED', cost } },
  },
  operations: [
    {
      about: 'and an answer may have all of them',
      query: '{ vehicles(fuel: POWER) { id state nextState cost(fuel: POWER) } }',
      answer: { data: { vehicles: [{ id: 'POWER-1', state: 'BROKEN', nextState: 'SCRAPPED', cost: 10 }] } },
    },
    {
      about: 'and a question only those that all of them know',
      query: '{ vehicles(fuel: DIESEL) { id } }',
      answer: {
        errors: [
          {
            message: 'Value "DIESEL" does not exist in "Fuel" enum.',
            extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
          },
        ],
      },
    },
    {
      about: 'and introspection shows the values of answers together and of questions in common',
      query: `{
        state: __type(name: "State") { enumValues { name } }
        fuel: __type(name: "Fuel") { enumValues { name } }
      }`,
      answer: {
        data: {
          state: { enumValues: [{ name: 'READY' }, { name: 'BROKEN' }, { name: 'SCRAPPED' }] },
          fuel: { enumValues: [{ name: 'POWER' }] },
        },
      },
      plainOnly: 'introspection is answered by the schema itself',
    },
  ],
} satisfies FederationCase;
