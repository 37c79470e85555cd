import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A department provides a field of another’s entity on one of its paths only',
  resolvers: {
    library: {
      Query: {
        loans: () => [{ due: 'May', book: { isbn: '978', title: 'Tides (as printed on the slip)' } }],
        catalogue: () => [{ isbn: '978', title: 'this is never asked for' }],
      },
    },
    archive: {
      Book: {
        __resolveReference: ({ isbn }: { isbn: string }) => ({ isbn, title: 'Tides', shelf: 'C4' }),
      },
    },
  },
  operations: [
    {
      about: 'and there it is taken from that department',
      query: '{ loans { due book { title } } }',
      answer: { data: { loans: [{ due: 'May', book: { title: 'Tides (as printed on the slip)' } }] } },
    },
    {
      about: 'and anywhere else from its owner',
      query: '{ catalogue { title } }',
      answer: { data: { catalogue: [{ title: 'Tides' }] } },
    },
    {
      about: 'beside fields that only the owner has',
      query: '{ loans { book { title shelf } } }',
      answer: { data: { loans: [{ book: { title: 'Tides (as printed on the slip)', shelf: 'C4' } }] } },
    },
  ],
} satisfies FederationCase;
