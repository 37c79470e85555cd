import type { SmallSubgraph } from './federation.ts';

const BOOKS = [
  { isbn: '1', title: 'Öl und Größe', grams: 100, writer: { id: 'z' } },
  { isbn: '2', title: 'Tides', grams: 200, writer: { id: 'z' } },
  { isbn: '3', title: 'Trams', grams: 300, writer: { id: 'm' } },
];
const NAMES: Record<string, string> = { z: 'Zoë 😀', m: 'Max' };

/** Three departments with keys, a required field, entities that occur several times, and a field that always fails. */
export const LIBRARY: Readonly<Record<string, SmallSubgraph>> = {
  books: {
    sdl: `
      type Query { books(like: String): [Book!]! best: Book! }
      type Book @key(fields: "isbn") { isbn: ID! title: String! grams: Int! writer: Person! }
      type Person @key(fields: "id") { id: ID! }
    `,
    resolvers: { Query: { books: () => BOOKS, best: () => BOOKS[1] } },
  },
  people: {
    sdl: `
      directive @cacheControl(maxAge: Int) on OBJECT | FIELD_DEFINITION
      type Person @key(fields: "id") @cacheControl(maxAge: 60) { id: ID! name: String }
    `,
    resolvers: { Person: { __resolveReference: ({ id }: { id: string }) => ({ id, name: NAMES[id] }) } },
  },
  post: {
    sdl: `
      type Book @key(fields: "isbn") {
        isbn: ID!
        grams: Int! @external
        postage: Int @requires(fields: "grams")
        stamp: String
      }
    `,
    resolvers: {
      Book: {
        postage: ({ grams }: { grams: number }) => grams * 2,
        stamp: () => {
          throw new Error('no stamps left');
        },
      },
    },
  },
};

/** Asks all three, and for one writer three times. */
export const SHELF =
  'query Shelf { books(like: "ö") { name: title postage writer { id called: name } } best { writer { name } } }';

/** The right answer to {@link SHELF}. */
export const SHELF_DATA = {
  books: [
    { name: 'Öl und Größe', postage: 200, writer: { id: 'z', called: 'Zoë 😀' } },
    { name: 'Tides', postage: 400, writer: { id: 'z', called: 'Zoë 😀' } },
    { name: 'Trams', postage: 600, writer: { id: 'm', called: 'Max' } },
  ],
  best: { writer: { name: 'Zoë 😀' } },
};
