import type { FederationCase } from '../../kit/federation-case.ts';

const media = [
  { __typename: 'Book', id: 'b' },
  { __typename: 'Film', id: 'f' },
];
const starsOf: Record<string, number> = { b: 5, f: 3 };
const byId = (key: { id: string }) => media.find(({ id }) => id === key.id);

export default {
  about: 'The type of an object is its own, though a department knows it by its interface only',
  resolvers: {
    media: {
      Query: { holdings: () => media },
      Medium: { __resolveReference: byId },
      Book: { __resolveReference: byId },
      Film: { __resolveReference: byId },
    },
    ratings: {
      Query: { best: () => ({ id: 'f' }) },
      Medium: { stars: ({ id }: { id: string }) => starsOf[id] },
    },
  },
  operations: [
    {
      about: 'where the object comes from a department that knows the types',
      query: '{ holdings { __typename stars } }',
      answer: {
        data: {
          holdings: [
            { __typename: 'Book', stars: 5 },
            { __typename: 'Film', stars: 3 },
          ],
        },
      },
    },
    {
      about: 'where it comes from the one that does not',
      query: '{ best { kind: __typename stars } }',
      answer: { data: { best: { kind: 'Film', stars: 3 } } },
      plainOnly: 'the first department names the interface, and only the second one the type',
    },
    {
      about: 'in a fragment of one type, after a field that was added',
      query: '{ holdings { ... on Film { stars __typename } } }',
      answer: { data: { holdings: [{}, { stars: 3, __typename: 'Film' }] } },
      apolloIsWrong: 'loses the whole fragment, because the interface’s name takes the place of the type’s',
    },
  ],
} satisfies FederationCase;
