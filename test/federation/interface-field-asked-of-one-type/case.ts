import type { FederationCase } from '../../kit/federation-case.ts';

const PARK = { __typename: 'Park', name: 'Dunes', host: { id: 'ann' } };
const HALL = { __typename: 'Hall', name: 'Arena', host: { id: 'bob' } };
const WRONG = 'asks for it of the other type too, and a failure there takes what was asked';

export default {
  about: 'A field leads on from several types, and of what it leads to more is asked of one type than of the others',
  resolvers: {
    venues: {
      Query: { venues: () => [PARK, HALL], nearest: () => PARK },
    },
    people: {
      Person: {
        name: ({ id }: { id: string }) => `The name of ${id}`,
        phone({ id }: { id: string }) {
          if (id === 'ann') throw new Error('Ann has no phone.');
          return '555';
        },
      },
    },
  },
  operations: [
    {
      about: 'and it is fetched for that type alone, in lists',
      query: '{ venues { host { name } ... on Hall { host { phone } } } }',
      answer: {
        data: {
          venues: [{ host: { name: 'The name of ann' } }, { host: { name: 'The name of bob', phone: '555' } }],
        },
      },
      apolloIsWrong: WRONG,
    },
    {
      about: 'and outside lists',
      query: '{ nearest { name host { name } ... on Hall { host { phone } } } }',
      answer: { data: { nearest: { name: 'Dunes', host: { name: 'The name of ann' } } } },
      apolloIsWrong: WRONG,
    },
    {
      about: 'and where the types have nothing in common, by fragments alone',
      query: '{ venues { ... on Park { host { name } } ... on Hall { host { phone } } } }',
      answer: { data: { venues: [{ host: { name: 'The name of ann' } }, { host: { phone: '555' } }] } },
      apolloIsWrong: WRONG,
    },
    {
      about: 'and what fails of that type has its error',
      query: '{ nearest { host { name } ... on Park { host { phone } } } }',
      answer: {
        data: { nearest: { host: null } },
        errors: [
          { message: 'Ann has no phone.', path: ['nearest', 'host', 'phone'], extensions: { service: 'people' } },
        ],
      },
    },
  ],
} satisfies FederationCase;
