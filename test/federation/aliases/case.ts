import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'A client names what it asks for as it likes',
  resolvers: {
    shops: {
      Query: {
        shop: (_: unknown, { id }: { id: string }) => ({ id, name: `Shop ${id}`, owner: { id: 'o', name: 'Ana' } }),
      },
      Shop: { rent: (_: unknown, { year }: { year: number }) => year },
    },
    taxes: {
      Shop: { tax: ({ id }: { id: string }, { year }: { year: number }) => year * 10 + Number(id) },
      Owner: { debts: () => [{ sum: 5, to: 'city' }] },
    },
  },
  operations: [
    {
      about: 'on every level, across departments',
      query: '{ corner: shop(id: 1) { title: name boss: owner { who: name owes: debts { much: sum whom: to } } } }',
      answer: {
        data: {
          corner: { title: 'Shop 1', boss: { who: 'Ana', owes: [{ much: 5, whom: 'city' }] } },
        },
      },
    },
    {
      about: 'to ask for one field with several arguments, at the root and of entities',
      query:
        '{ a: shop(id: 1) { old: tax(year: 3) new: tax(year: 4) } b: shop(id: 2) { new: tax(year: 4) x: rent(year: 1) y: rent(year: 2) } }',
      answer: { data: { a: { old: 31, new: 41 }, b: { new: 42, x: 1, y: 2 } } },
    },
    {
      about: 'to ask for one field several times',
      query: '{ shop(id: 1) { one: owner { name } two: owner { debts { sum } } three: name name } }',
      answer: {
        data: { shop: { one: { name: 'Ana' }, two: { debts: [{ sum: 5 }] }, three: 'Shop 1', name: 'Shop 1' } },
      },
    },
    {
      about: 'also by the names that every object inherits, and by names of the protocol',
      query:
        '{ constructor: shop(id: 1) { __proto__: name toString: name hasOwnProperty: tax(year: 1) _entities: owner { representations: debts { valueOf: sum } } } }',
      answer: {
        data: {
          constructor: {
            ['__proto__']: 'Shop 1',
            toString: 'Shop 1',
            hasOwnProperty: 11,
            _entities: { representations: [{ valueOf: 5 }] },
          },
        },
      },
    },
    {
      about: 'also by the names of other fields, in turn',
      query: '{ shop(id: 1) { rent: tax(year: 2) tax: rent(year: 3) owner { name: id } } }',
      answer: { data: { shop: { rent: 21, tax: 3, owner: { name: 'o' } } } },
    },
  ],
} satisfies FederationCase;
