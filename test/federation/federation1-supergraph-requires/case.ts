import type { FederationCase } from '../../kit/federation-case.ts';

interface BookKey {
  isbn?: string;
  place?: { shelf: string };
  number?: number;
}

const BOOKS = [
  { isbn: '978', place: { shelf: 'A', floor: 1 }, number: 1, title: 'Tides', pages: 300 },
  { isbn: '979', place: { shelf: 'B', floor: 2 }, number: 1, title: 'Dunes', pages: 150 },
];

function findBook({ isbn, place, number }: BookKey) {
  return BOOKS.find((book) => book.isbn === isbn || (book.place.shelf === place?.shelf && book.number === number));
}

const MEMBERS: Record<string, string> = { m1: 'Ann', m2: 'Bob' };
const FILM = { __typename: 'Film', name: 'Waves', minutes: 90 };

interface Loan {
  due: string;
  isbn: string;
  memberId: string;
}

function makeResolvers() {
  const loans: Loan[] = [{ due: 'May', isbn: '978', memberId: 'm1' }];
  const names = { ...MEMBERS };
  const member = (id: string) => ({ __typename: 'Member', id, name: names[id] });
  return {
    catalogue: {
      Query: { books: () => BOOKS },
      Book: {
        __resolveReference: (key: BookKey) => ({ ...findBook(key), ...key }),
        surcharge: ({ fine }: { fine: number }, { factor = 1 }: { factor?: number }) => fine * factor,
        price: ({ pages }: { pages: number }, { currency = 'EUR' }: { currency?: string }) => ({
          cents: pages * (currency === 'EUR' ? 10 : 20),
          currency,
        }),
      },
    },
    loans: {
      Query: { loans: () => loans },
      Mutation: {
        lend: (_: unknown, { isbn, member: memberId }: { isbn: string; member: string }) => {
          loans.push({ due: 'June', isbn, memberId });
          return loans.at(-1);
        },
      },
      Book: { days: ({ pages }: { pages: number }) => pages / 10 },
      Loan: {
        book: ({ isbn }: Loan) => ({ isbn, title: `provided ${isbn}` }),
        member: ({ memberId }: Loan) => ({ id: memberId }),
        item: ({ isbn }: Loan) => ({ __typename: 'Book', isbn }),
        by: ({ memberId }: Loan) => ({ __typename: 'Member', id: memberId }),
      },
      Member: { loans: ({ id }: { id: string }) => loans.filter(({ memberId }) => memberId === id) },
    },
    members: {
      Query: {
        members: () => Object.keys(names).map(member),
        desk: () => ({ place: { shelf: 'D', floor: 0 }, favourite: { place: { shelf: 'B' }, number: 1 }, next: FILM }),
      },
      Mutation: {
        rename: (_: unknown, { member: id, name }: { member: string; name: string }) => {
          names[id] = name;
          return member(id);
        },
      },
      Member: { __resolveReference: ({ id }: { id: string }) => member(id) },
      Book: {
        fine: ({ days, price }: { days: number; price: { cents: number } }) => days + price.cents,
        fans: ({ number }: { number: number }) => Object.keys(names).slice(0, number).map(member),
      },
    },
  };
}

export default {
  about: 'A supergraph of Federation 1 over three departments',
  resolvers: makeResolvers,
  operations: [
    {
      about: 'leads from one to another by keys of their own, compound and nested',
      query: '{ desk { place { shelf floor } favourite { isbn title days fans { name } } } }',
      answer: {
        data: {
          desk: {
            place: { shelf: 'D', floor: 0 },
            favourite: { isbn: '979', title: 'Dunes', days: 15, fans: [{ name: 'Ann' }] },
          },
        },
      },
    },
    {
      about: 'hands on what is required, also what is itself given against a requirement',
      query: '{ books { title days fine } desk { favourite { fine } } }',
      answer: {
        data: {
          books: [
            { title: 'Tides', days: 30, fine: 3030 },
            { title: 'Dunes', days: 15, fine: 1515 },
          ],
          desk: { favourite: { fine: 1515 } },
        },
      },
    },
    {
      about: 'hands on what is required in a circle of departments',
      query: '{ desk { favourite { surcharge(factor: 2) } } loans { book { once: surcharge pages } } }',
      answer: {
        data: {
          desk: { favourite: { surcharge: 3030 } },
          loans: [{ book: { once: 3030, pages: 300 } }],
        },
      },
    },
    {
      about: 'takes what is provided from where it is provided, and the rest from its owner',
      query: '{ loans { due book { title pages } } }',
      answer: { data: { loans: [{ due: 'May', book: { title: 'provided 978', pages: 300 } }] } },
    },
    {
      about: 'has value types, unions and interfaces in common',
      query: `{
        loans { by { name } item { ... on Book { title price(currency: "JPY") { cents currency } } ... on Film { name } } }
        desk { next { __typename ... on Named { name } ... on Film { minutes } } }
        members { name loans { member { name } } }
      }`,
      answer: {
        data: {
          loans: [{ by: { name: 'Ann' }, item: { title: 'Tides', price: { cents: 6000, currency: 'JPY' } } }],
          desk: { next: { __typename: 'Film', name: 'Waves', minutes: 90 } },
          members: [
            { name: 'Ann', loans: [{ member: { name: 'Ann' } }] },
            { name: 'Bob', loans: [] },
          ],
        },
      },
    },
    {
      about: 'runs mutations in their order',
      query: `mutation {
        first: rename(member: "m2", name: "Ben") { name }
        lend(isbn: "979", member: "m2") { due book { pages } member { name } }
        second: rename(member: "m2", name: "Bob") { name loans { due } }
      }`,
      answer: {
        data: {
          first: { name: 'Ben' },
          lend: { due: 'June', book: { pages: 150 }, member: { name: 'Ben' } },
          second: { name: 'Bob', loans: [{ due: 'June' }] },
        },
      },
    },
  ],
} satisfies FederationCase;
