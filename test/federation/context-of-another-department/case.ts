import type { FederationCase } from '../../kit/federation-case.ts';

interface Entity {
  id: string;
}

const CURRENCIES: Record<string, string | null> = { ann: 'USD', bob: 'JPY', cas: null };
const LIMITS: Record<string, { amounts: (number | null)[] | null }[] | null> = {
  ann: [{ amounts: [1, null] }, { amounts: null }],
  bob: [],
  cas: null,
};

const plainOnly = 'a program does not know the objects above an entity';
const apolloIsWrong = 'refuses to serve @context';

export default {
  about: 'What a context is of may be known to another department',
  resolvers: {
    guide: {
      Query: {
        tourists: () =>
          Object.keys(CURRENCIES).map((id) => ({ id, name: id.toUpperCase(), favourite: { id: 'corner shop' } })),
      },
    },
    bank: {
      Tourist: { currency: ({ id }: Entity) => CURRENCIES[id], limits: ({ id }: Entity) => LIMITS[id] },
      Offer: { tax: ({ id }: Entity) => id.length },
    },
    shops: {
      Shop: { best: () => ({ id: 'tea' }), shelves: () => [{ offers: [{ id: 'mug' }, { id: 'tea' }] }] },
      Offer: {
        price: ({ id }: Entity, { currency }: { currency: string | null }) => `${id} for ${currency}`,
        taxed: ({ tax }: { tax: number }, { currency }: { currency: string | null }) => `${tax} ${currency}`,
        affordable: ({ id }: Entity, { limits }: { limits: unknown }) => `${id} within ${JSON.stringify(limits)}`,
      },
    },
  },
  operations: [
    {
      about: 'and one object that is fetched for several is another below each',
      query: '{ tourists { name favourite { best { price } shelves { offers { price } } } } }',
      answer: {
        data: {
          tourists: [
            ['ANN', 'USD'],
            ['BOB', 'JPY'],
            ['CAS', 'null'],
          ].map(([name, currency]) => ({
            name,
            favourite: {
              best: { price: `tea for ${currency}` },
              shelves: [{ offers: [{ price: `mug for ${currency}` }, { price: `tea for ${currency}` }] }],
            },
          })),
        },
      },
      apolloIsWrong,
      plainOnly,
    },
    {
      about: 'also where what is below that object comes with it',
      query: '{ tourists { favourite { best { taxed } } } }',
      answer: {
        data: {
          tourists: ['USD', 'JPY', 'null'].map((currency) => ({ favourite: { best: { taxed: `3 ${currency}` } } })),
        },
      },
      apolloIsWrong,
      plainOnly,
    },
    {
      about: 'and the field may require what others know of it too',
      query: '{ tourists { favourite { best { taxed price } } } }',
      answer: {
        data: {
          tourists: ['USD', 'JPY', 'null'].map((currency) => ({
            favourite: { best: { taxed: `3 ${currency}`, price: `tea for ${currency}` } },
          })),
        },
      },
      apolloIsWrong,
      plainOnly,
    },
    {
      about: 'and may be lists of what is in lists',
      query: '{ tourists { favourite { best { affordable } } } }',
      answer: {
        data: {
          tourists: ['[[1,null],null]', '[]', 'null'].map((limits) => ({
            favourite: { best: { affordable: `tea within ${limits}` } },
          })),
        },
      },
      apolloIsWrong,
      plainOnly,
    },
  ],
} satisfies FederationCase;
