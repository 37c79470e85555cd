import type { FederationCase } from '../../kit/federation-case.ts';

const nameOf: Record<string, string> = { c1: 'Nadia', c2: 'Piet' };
const citizen = ({ id }: { id: string }) => ({ id, name: nameOf[id] });

export default {
  about: 'A department refers to an entity of another by a key that it cannot itself resolve',
  resolvers: {
    housing: {
      Query: {
        flats: () => [
          { door: '1a', tenant: { id: 'c2' } },
          { door: '1b', tenant: null },
        ],
      },
    },
    citizens: {
      Query: { citizen: (_: unknown, key: { id: string }) => citizen(key) },
      Citizen: { __resolveReference: citizen },
    },
  },
  operations: [
    {
      about: 'and the other department tells the rest',
      query: '{ flats { door tenant { id name } } }',
      answer: {
        data: {
          flats: [
            { door: '1a', tenant: { id: 'c2', name: 'Piet' } },
            { door: '1b', tenant: null },
          ],
        },
      },
    },
    {
      about: 'and is not asked where the key is all the client wants',
      query: '{ flats { tenant { id } } }',
      answer: { data: { flats: [{ tenant: { id: 'c2' } }, { tenant: null }] } },
    },
  ],
} satisfies FederationCase;
