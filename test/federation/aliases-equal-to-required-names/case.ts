import type { FederationCase } from '../../kit/federation-case.ts';

interface Crate {
  grams: number;
  size: { depth: number };
}

export default {
  about: 'A client gives a field the name of one that another department requires',
  resolvers: {
    goods: { Query: { crate: () => ({ id: 'c', grams: 500, pieces: 3, size: { depth: 2, width: 9 } }) } },
    port: { Crate: { fee: ({ grams }: Crate) => grams * 2, slot: ({ size }: Crate) => size.depth } },
  },
  operations: [
    {
      about: 'and that department is given the field it requires',
      query: '{ crate { grams: pieces fee } }',
      answer: { data: { crate: { grams: 3, fee: 1000 } } },
      apolloIsWrong: 'hands the other field to the department',
    },
    {
      about: 'inside an object',
      query: '{ crate { size { depth: width } slot } }',
      answer: { data: { crate: { size: { depth: 9 }, slot: 2 } } },
      apolloIsWrong: 'hands the other field to the department',
    },
    {
      about: 'of another shape',
      query: '{ crate { grams: size { depth } size: grams fee slot } }',
      answer: { data: { crate: { grams: { depth: 2 }, size: 500, fee: 1000, slot: 2 } } },
      apolloIsWrong: 'hands the other fields to the department',
    },
  ],
} satisfies FederationCase;
