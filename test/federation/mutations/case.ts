import type { FederationCase } from '../../kit/federation-case.ts';

interface Permit {
  id: string;
  for: string;
  notes: string[];
}

const makeResolvers = () => {
  const permits = new Map<string, Permit>();
  const paid = new Map<string, number>();
  const permitOf = (id: string): Permit => {
    let permit = permits.get(id);
    if (!permit) permits.set(id, (permit = { id, for: 'nothing', notes: [] }));
    return permit;
  };
  return {
    permits: {
      Query: { permit: (_: unknown, { id }: Permit) => permitOf(id) },
      Mutation: {
        apply: (_: unknown, wanted: { for: string }) => Object.assign(permitOf(wanted.for), wanted),
        note(_: unknown, { permit, text }: { permit: string; text: string }) {
          permitOf(permit).notes.push(text);
          return permitOf(permit).notes.slice();
        },
      },
      Permit: { __resolveReference: ({ id }: Permit) => permitOf(id) },
    },
    cashdesk: {
      Mutation: {
        pay(_: unknown, { permit, sum }: { permit: string; sum: number }) {
          paid.set(permit, (paid.get(permit) ?? 0) + sum);
          return { id: permit };
        },
      },
      Permit: { paid: ({ id }: Permit) => paid.get(id) ?? 0 },
    },
  };
};

export default {
  about: 'Mutations run one after the other, in the order of the operation',
  resolvers: makeResolvers,
  operations: [
    {
      about: 'with the entities behind each as they are after it',
      query: 'mutation { apply(for: "stall") { id for paid } }',
      answer: { data: { apply: { id: 'stall', for: 'stall', paid: 0 } } },
    },
    {
      about: 'by several departments in turn',
      query: `mutation {
        first: note(permit: "a", text: "one")
        pay(permit: "a", sum: 5) { paid notes }
        second: note(permit: "a", text: "two")
        again: pay(permit: "a", sum: 6) { paid notes }
      }`,
      answer: {
        data: {
          first: ['one'],
          pay: { paid: 5, notes: ['one'] },
          second: ['one', 'two'],
          again: { paid: 11, notes: ['one', 'two'] },
        },
      },
    },
    {
      about: 'the same one twice by aliases',
      query: 'mutation { a: note(permit: "b", text: "x") b: note(permit: "b", text: "x") }',
      answer: { data: { a: ['x'], b: ['x', 'x'] } },
    },
    {
      about: 'the same one once, where it is selected twice under one name',
      query: `mutation ($permit: ID!) {
        note(permit: $permit, text: "x")
        pay(permit: $permit, sum: 1) { id }
        ... { note(permit: $permit, text: "x") pay(permit: $permit, sum: 1) { paid } }
      }`,
      variables: { permit: 'c' },
      answer: { data: { note: ['x'], pay: { id: 'c', paid: 1 } } },
    },
    {
      about: 'the same one once, though it is left out in one of its places',
      query: `mutation ($no: Boolean!) {
        note(permit: "g", text: "x") @include(if: $no)
        pay(permit: "g", sum: 1) { notes }
        note(permit: "g", text: "x") @skip(if: false)
        note(permit: "g", text: "x") @skip(if: $no)
      }`,
      variables: { no: false },
      answer: { data: { pay: { notes: [] }, note: ['x'] } },
    },
    {
      about: 'in fragments',
      query: `mutation {
        a: note(permit: "d", text: "1")
        ...Rest
        ... on Mutation { d: note(permit: "d", text: "4") }
      }
      fragment Rest on Mutation { __typename b: note(permit: "d", text: "2") ... { c: note(permit: "d", text: "3") } }`,
      answer: {
        data: { a: ['1'], __typename: 'Mutation', b: ['1', '2'], c: ['1', '2', '3'], d: ['1', '2', '3', '4'] },
      },
      apolloIsWrong: 'runs them in another order',
    },
    {
      about: 'in fragments, by several departments',
      query: `mutation {
        ... { ... on Mutation { __typename } a: note(permit: "e", text: "1") }
        ... { ... on Mutation { pay(permit: "e", sum: 2) { notes } } b: note(permit: "e", text: "2") }
      }`,
      answer: { data: { __typename: 'Mutation', a: ['1'], pay: { notes: ['1'] }, b: ['1', '2'] } },
      apolloIsWrong: 'runs them in another order',
    },
    {
      about: 'and those that are left out do not run',
      query: `mutation ($no: Boolean!) {
        a: note(permit: "f", text: "1") @include(if: $no)
        b: note(permit: "f", text: "2")
        pay(permit: "f", sum: 2) @include(if: $no) { id }
      }`,
      variables: { no: false },
      answer: { data: { b: ['2'] } },
    },
  ],
} satisfies FederationCase;
