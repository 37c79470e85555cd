import type { FederationCase } from '../../kit/federation-case.ts';

interface ClassKey {
  school: { code: string };
  year: number;
}

export default {
  about: 'A key reaches into an object of the entity',
  resolvers: {
    schools: {
      Query: {
        classes: () => [
          { school: { code: 'S1', name: 'Harbour' }, year: 3, teacher: 'Ito' },
          { school: { code: 'S2', name: 'Hill' }, year: 3, teacher: 'Okafor' },
        ],
      },
    },
    meals: { Class: { mealsAWeek: ({ school, year }: ClassKey) => (school.code === 'S1' ? 5 : 2) * year } },
  },
  operations: [
    {
      about: 'which the client need not ask for',
      query: '{ classes { teacher mealsAWeek } }',
      answer: {
        data: {
          classes: [
            { teacher: 'Ito', mealsAWeek: 15 },
            { teacher: 'Okafor', mealsAWeek: 6 },
          ],
        },
      },
    },
    {
      about: 'of which the client may ask for other fields',
      query: '{ classes { school { name } mealsAWeek year } }',
      answer: {
        data: {
          classes: [
            { school: { name: 'Harbour' }, mealsAWeek: 15, year: 3 },
            { school: { name: 'Hill' }, mealsAWeek: 6, year: 3 },
          ],
        },
      },
    },
    {
      about: 'of which the client may give the name to another field',
      query: '{ classes { school { code: name } year: mealsAWeek } }',
      answer: {
        data: {
          classes: [
            { school: { code: 'Harbour' }, year: 15 },
            { school: { code: 'Hill' }, year: 6 },
          ],
        },
      },
      apolloIsWrong: 'gives the key in place of the field',
    },
  ],
} satisfies FederationCase;
