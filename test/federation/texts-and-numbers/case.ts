import type { FederationCase } from '../../kit/federation-case.ts';

const labels = ['naïve “quotes” \\ / \b\n\t', '漢字 🏛️', '</script>', '', '\u0000\u2028', 'a"b', '__proto__'];
const extremes = [1e21, -1e-7, 0.1 + 0.2, -0.5, Number.MAX_VALUE, Number.MIN_VALUE];

export default {
  about: 'Texts and numbers of every kind are the same at the client as at the department',
  resolvers: {
    museum: {
      Query: {
        pieces: () => labels.map((label, index) => ({ label, metres: index + 0.125, year: -2000 * index })),
        extremes: () => extremes,
      },
    },
    loans: { Piece: { lentTo: ({ label }: { label: string }) => `${label}!` } },
  },
  operations: [
    {
      about: 'also as keys',
      query: '{ pieces { label lentTo } }',
      answer: { data: { pieces: labels.map((label) => ({ label, lentTo: `${label}!` })) } },
    },
    {
      about: 'to the last digit',
      query: '{ pieces { metres year } }',
      answer: { data: { pieces: labels.map((_, index) => ({ metres: index + 0.125, year: -2000 * index })) } },
    },
    {
      about: 'from the smallest to the largest',
      query: '{ extremes }',
      answer: { data: { extremes } },
      plainOnly: 'a program reads no exponents, no more than 16 digits, and nothing between -1 and 0',
    },
  ],
} satisfies FederationCase;
