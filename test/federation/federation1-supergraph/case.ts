import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A supergraph of Federation 1, with `@core` and the first version of join,',
  resolvers: {
    catalogue: {
      Query: { books: () => [{ isbn: '978', title: 'Tides', grams: 300 }] },
      Book: { __resolveReference: ({ isbn }: { isbn: string }) => ({ isbn, title: `Tides ${isbn}`, grams: 400 }) },
    },
    delivery: {
      Query: { depots: () => [{ city: 'Port', returns: [{ isbn: '979' }] }] },
      Book: { postage: ({ grams }: { grams: number }) => grams / 100 },
    },
  },
  operations: [
    {
      about: 'is served as it is',
      query: '{ books { title postage } }',
      answer: { data: { books: [{ title: 'Tides', postage: 3 }] } },
    },
    {
      about: 'leads from value types to entities, their owner, and back',
      query: '{ depots { city returns { isbn title postage } } }',
      answer: {
        data: { depots: [{ city: 'Port', returns: [{ isbn: '979', title: 'Tides 979', postage: 4 }] }] },
      },
    },
    {
      about: 'does not show clients its own definitions',
      query: `{
        book: __type(name: "Book") { fields { name } }
        graph: __type(name: "join__Graph") { name }
        __schema { queryType { fields { name } } directives { name } }
      }`,
      answer: {
        data: {
          book: { fields: [{ name: 'isbn' }, { name: 'title' }, { name: 'grams' }, { name: 'postage' }] },
          graph: null,
          __schema: {
            queryType: { fields: [{ name: 'books' }, { name: 'depots' }] },
            directives: [
              { name: 'include' },
              { name: 'skip' },
              { name: 'deprecated' },
              { name: 'specifiedBy' },
              { name: 'oneOf' },
              { name: 'purpose' },
            ],
          },
        },
      },
      apolloIsWrong: 'does not know @purpose, which is our own',
      plainOnly: 'introspection is answered by the schema itself',
    },
  ],
} satisfies FederationCase;
