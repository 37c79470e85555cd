import type { FederationCase } from '../../kit/federation-case.ts';

const media = [
  { __typename: 'Book', id: 'b', title: 'Tides', pages: 200 },
  { __typename: 'Film', id: 'f', title: 'Ebb', minutes: 90 },
];
const starsOf: Record<string, number> = { b: 5, f: 3 };
const byId = (key: { id: string }) => media.find(({ id }) => id === key.id);

export default {
  about: 'A department adds a field to an interface, and so to every type behind it, without knowing the types',
  resolvers: {
    media: {
      Query: { holdings: () => media },
      Medium: { __resolveReference: byId },
      Book: { __resolveReference: byId },
      Film: { __resolveReference: byId },
    },
    ratings: {
      Query: { best: () => ({ id: 'b' }) },
      Medium: { stars: ({ id }: { id: string }) => starsOf[id] },
    },
  },
  operations: [
    {
      about: 'and it is asked for on the interface',
      query: '{ holdings { title stars } }',
      answer: {
        data: {
          holdings: [
            { title: 'Tides', stars: 5 },
            { title: 'Ebb', stars: 3 },
          ],
        },
      },
    },
    {
      about: 'and it is asked for on a type',
      query: '{ holdings { ... on Book { pages stars } ... on Film { stars minutes } } }',
      answer: {
        data: {
          holdings: [
            { pages: 200, stars: 5 },
            { stars: 3, minutes: 90 },
          ],
        },
      },
    },
    {
      about: 'and leads from its own objects to those of the department that knows the types',
      query: '{ best { stars title } }',
      answer: { data: { best: { stars: 5, title: 'Tides' } } },
      plainOnly: 'the first department names the interface, and only the second one the type',
    },
    {
      about: 'and its own objects are told by their type where the client asks for one',
      query: '{ best { stars ... on Film { minutes } ... on Book { pages } } }',
      answer: { data: { best: { stars: 5, pages: 200 } } },
      plainOnly: 'the first department names the interface, and only the second one the type',
    },
    {
      about: 'and its own fields alone are asked of nobody else',
      query: '{ best { id stars } }',
      answer: { data: { best: { id: 'b', stars: 5 } } },
      plainOnly: 'the department names the interface, and not the type',
    },
    {
      about: 'and its own fields have any name that the client likes',
      query: '{ holdings { id: stars title: id } best { title: stars } }',
      answer: {
        data: {
          holdings: [
            { id: 5, title: 'b' },
            { id: 3, title: 'f' },
          ],
          best: { title: 5 },
        },
      },
      plainOnly: 'the department names the interface, and not the type',
    },
  ],
} satisfies FederationCase;
