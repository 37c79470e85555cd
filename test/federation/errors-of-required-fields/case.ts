import type { FederationCase } from '../../kit/federation-case.ts';

interface Crate {
  grams: number | null;
  pieces: number;
}

export default {
  about: 'A field that another department requires fails',
  resolvers: {
    goods: {
      Query: {
        crates: () => [
          { id: '1', grams: 500, pieces: 2 },
          {
            id: '2',
            grams() {
              throw new Error('The scale is broken.');
            },
            pieces: 3,
          },
        ],
      },
      Crate: { __resolveReference: ({ id }: { id: string }) => ({ id, grams: 500, pieces: 2 }) },
    },
    port: {
      Crate: {
        fee: ({ grams }: Crate) => (grams === null ? null : grams * 2),
        stickers: ({ pieces }: Crate) => pieces,
      },
    },
  },
  operations: [
    {
      about: 'and that department is given null, and says what it makes of it',
      query: '{ crates { fee } }',
      answer: {
        data: { crates: [{ fee: 1000 }, { fee: null }] },
        errors: [{ message: 'The scale is broken.', path: ['crates', 1, 'grams'], extensions: { service: 'goods' } }],
      },
    },
    {
      about: 'and its error stands where the client asks for it too',
      query: '{ crates { weight: grams fee } }',
      answer: {
        data: {
          crates: [
            { weight: 500, fee: 1000 },
            { weight: null, fee: null },
          ],
        },
        errors: [{ message: 'The scale is broken.', path: ['crates', 1, 'weight'], extensions: { service: 'goods' } }],
      },
      apolloIsWrong: 'tells of it a second time, at a place that the client did not ask for',
    },
    {
      about: 'and what others require is not touched by it',
      query: '{ crates { stickers } }',
      answer: { data: { crates: [{ stickers: 2 }, { stickers: 3 }] } },
    },
  ],
} satisfies FederationCase;
