/** Every kind of leaf, lists of them, abstract types, keys alone (which the program interns), and objects in objects. */
export const library = {
  sdl: `
    type Query { shelf: [Item!]! first: Item book: Book leaves: Leaves! counts: [[Int!]] }
    interface Item { id: ID! title: String }
    type Book implements Item @key(fields: "id") { id: ID! title: String author: Author editors: [Author!] }
    type Film implements Item @key(fields: "id") { id: ID! title: String minutes: Int }
    type Author @key(fields: "name country") { name: String! country: Country! }
    enum Country { NL FR }
    type Leaves { int: Int! float: Float string: String! boolean: Boolean id: ID list: [String!] any: Json country: Country }
    scalar Json
  `,
  resolvers: {
    Query: {
      shelf: () => [BOOK, FILM, { ...BOOK, id: 'b2', author: null }],
      first: () => FILM,
      book: () => BOOK,
      leaves: () => ({
        int: -12,
        float: 1.25,
        string: 'tab\t "quoted" é \u{1F600}',
        boolean: false,
        id: '7',
        list: ['a', ''],
        any: { deep: [1, null, { 'k"': 'v' }] },
        country: 'FR',
      }),
      counts: () => [[1, 2], null, []],
    },
  },
};
const BOOK = {
  __typename: 'Book',
  id: 'b1',
  title: 'A',
  author: { name: 'Ann', country: 'NL' },
  editors: [
    { name: 'Ann', country: 'NL' },
    { name: 'Bob', country: 'FR' },
  ],
};
const FILM = { __typename: 'Film', id: 'f1', title: null, minutes: 90 };

export const people = {
  sdl: `
    type Author @key(fields: "name country") { name: String! country: Country! born: Int awards: [Award!]! }
    enum Country { NL FR }
    type Award { year: Int! by: Author }
    type Book @key(fields: "id") { id: ID! readers: Int! }
  `,
  resolvers: {
    Author: {
      born: ({ name }: { name: string }) => name.length + 1950,
      awards: ({ name, country }: { name: string; country: string }) => [{ year: 2000, by: { name, country } }],
    },
    Book: { readers: () => 5 },
  },
};

export const QUERY = `{
  shelf { __typename id title ... on Book { readers author { name born } editors { born awards { year by { born } } } } ... on Film { minutes } }
  first { title }
  book { author { awards { year } } }
  leaves { int float string boolean id list any country }
  counts
}`;

/** What is asked: everything at once, and parts, because a small answer is hit more often where it matters. */
export const QUERIES: readonly string[] = [
  QUERY,
  '{ leaves { int } }',
  '{ leaves { float } }',
  '{ leaves { string } }',
  '{ leaves { any } }',
  '{ leaves { boolean id country } }',
  '{ leaves { list } }',
  '{ counts }',
  '{ first { id title } shelf { __typename title } }',
  '{ book { id title readers } }',
  '{ book { author { name born } editors { born awards { year by { born } } } } }',
  '{ shelf { ... on Book { editors { country } } ... on Film { minutes } } }',
];
