import type { FederationCase } from '../../kit/federation-case.ts';

const media = [
  { __typename: 'Book', id: 'b', boughtIn: 2000 },
  { __typename: 'Film', id: 'f', boughtIn: 2020 },
];
const byId = (key: { id: string }) => media.find(({ id }) => id === key.id);

export default {
  about: 'A field that a department adds to an interface requires a field of the types behind it',
  resolvers: {
    media: {
      Query: { holdings: () => media },
      Medium: { __resolveReference: byId },
      Book: { __resolveReference: byId },
      Film: { __resolveReference: byId },
    },
    insurance: { Medium: { worth: ({ boughtIn }: { boughtIn: number }) => boughtIn - 1980 } },
  },
  operations: [
    {
      about: 'and it is asked for on the interface',
      query: '{ holdings { worth } }',
      answer: { data: { holdings: [{ worth: 20 }, { worth: 40 }] } },
    },
    {
      about: 'and it is asked for on a type, beside the required one',
      query: '{ holdings { ... on Film { worth year: boughtIn } } }',
      answer: { data: { holdings: [{}, { worth: 40, year: 2020 }] } },
      plainOnly: 'the plan requires of every type what it fetches for one',
    },
  ],
} satisfies FederationCase;
