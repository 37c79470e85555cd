import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A department does not know an entity',
  resolvers: {
    loans: {
      Query: {
        loans: () => [
          { day: 'Monday', book: { isbn: 'known' }, reader: { card: 'lost' } },
          { day: 'Friday', book: { isbn: 'lost' }, reader: null },
        ],
      },
    },
    library: {
      Book: {
        __resolveReference: ({ isbn }: { isbn: string }) =>
          isbn === 'known' ? { isbn, title: 'Tides', shelf: 'C' } : null,
      },
      Reader: { __resolveReference: () => null },
    },
  },
  operations: [
    {
      about: 'and its fields are null, beside those of the other department',
      query: '{ loans { day book { isbn shelf } } }',
      answer: {
        data: {
          loans: [
            { day: 'Monday', book: { isbn: 'known', shelf: 'C' } },
            { day: 'Friday', book: { isbn: 'lost', shelf: null } },
          ],
        },
      },
    },
    {
      about: 'and a field that may not be null takes the entity with it',
      query: '{ loans { day reader { card name } } }',
      answer: {
        data: {
          loans: [
            { day: 'Monday', reader: null },
            { day: 'Friday', reader: null },
          ],
        },
        errors: [
          {
            message:
              'A department gave a value that the schema does not allow. Cannot return null for non-nullable field Reader.name.',
            path: ['loans', 0, 'reader', 'name'],
            extensions: { code: 'INVALID_VALUE' },
          },
        ],
      },
      apolloIsWrong: 'says so in an extension, and not among the errors',
    },
    {
      about: 'and takes all with it that may not be null either',
      query: '{ loans { book { title } } }',
      answer: {
        data: null,
        errors: [{ path: ['loans', 1, 'book', 'title'], extensions: { code: 'INVALID_VALUE' } }],
      },
      apolloIsWrong: 'says so in an extension, and not among the errors',
    },
  ],
} satisfies FederationCase;
