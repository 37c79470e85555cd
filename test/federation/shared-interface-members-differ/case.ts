import type { FederationCase } from '../../kit/federation-case.ts';

const APOLLO_DROPS = 'it asks for no field of a type that one of the departments does not know';

const book = { __typename: 'Book', title: 'Birds' };
const newspaper = { __typename: 'Newspaper', title: 'Courier', day: 'Monday' };
const scroll = { __typename: 'Scroll', number: 4, title: 'Deed' };
const inner = { id: 'inner', items: [scroll, book] };
const atlas = { __typename: 'Atlas', title: 'Coasts', scale: 500, maps: [{ name: 'North', kept: inner }] };
const front = { id: 'front', items: [book, atlas, scroll] };

export default {
  about: 'A field that two departments share gives an interface, of which each knows other types',
  resolvers: {
    archive: { Shelf: { __resolveReference: ({ id }: { id: string }) => ({ id, front }) } },
    reading: { Query: { desk: () => ({ id: 'desk', items: [newspaper, book] }) } },
    visitors: { Query: { visitor: () => ({ name: 'Ada', shelf: { id: 's' } }) } },
    scans: {
      Scroll: {
        scan: ({ number }: { number: number }) => ({
          url: `/scans/${number}`,
          pages: ({ from = 1 }: { from?: number }) => [from, from + 1],
        }),
      },
    },
  },
  operations: [
    {
      about: 'and the department that is asked is asked for the types that it alone knows',
      query: '{ desk { items { title ... on Newspaper { day } ... on Atlas { scale } } } }',
      answer: { data: { desk: { items: [{ title: 'Courier', day: 'Monday' }, { title: 'Birds' }] } } },
      apolloIsWrong: APOLLO_DROPS,
    },
    {
      about: 'and so is one that is asked for entities',
      query: '{ visitor { name shelf { front { items { title ... on Atlas { scale } } } } } }',
      answer: {
        data: {
          visitor: {
            name: 'Ada',
            shelf: { front: { items: [{ title: 'Birds' }, { title: 'Coasts', scale: 500 }, { title: 'Deed' }] } },
          },
        },
      },
      apolloIsWrong: APOLLO_DROPS,
    },
    {
      about: 'and where it is so again below such a type, down to what other departments add',
      query: `query ($from: Int) {
        visitor { shelf { front { items {
          __typename
          ... on Atlas { maps { name kept { items { title ... on Scroll { scan { url pages(from: $from) } } } } } }
        } } } }
      }`,
      variables: { from: 8 },
      answer: {
        data: {
          visitor: {
            shelf: {
              front: {
                items: [
                  { __typename: 'Book' },
                  {
                    __typename: 'Atlas',
                    maps: [
                      {
                        name: 'North',
                        kept: {
                          items: [{ title: 'Deed', scan: { url: '/scans/4', pages: [8, 9] } }, { title: 'Birds' }],
                        },
                      },
                    ],
                  },
                  { __typename: 'Scroll' },
                ],
              },
            },
          },
        },
      },
      apolloIsWrong: APOLLO_DROPS,
    },
    {
      about: 'and fields of the interface itself are asked as ever',
      query: '{ desk { items { title } } }',
      answer: { data: { desk: { items: [{ title: 'Courier' }, { title: 'Birds' }] } } },
    },
  ],
} satisfies FederationCase;
