import type { FederationCase } from '../../kit/federation-case.ts';

const CRITIC = { id: 'c1' };
const READER = { id: 'r1' };
const BOOK = { __typename: 'Book', id: 'b1', origin: 'Peru', pages: 300, critic: CRITIC, reader: READER };
const GAME = { __typename: 'Game', origin: 'Mali', days: 5, critic: CRITIC, reader: READER };
const FILM = {
  __typename: 'Film',
  id: 'f1',
  origin: 'Cuba',
  shelves: [{ rows: [{ numbers: [1, 2] }, { numbers: [] }] }],
  critic: CRITIC,
  reader: READER,
  game: GAME,
};

const plainOnly = 'a program does not know the objects above an entity';
const apolloIsWrong = 'refuses to serve @context';

export default {
  about: 'A context that is set by an interface, a union, or several types',
  resolvers: {
    library: {
      Query: {
        media: () => [BOOK, FILM],
        loans: () => [
          { days: 14, reader: READER, of: BOOK, owner: { __typename: 'Club', reader: READER } },
          { days: 21, reader: READER, of: FILM, owner: { __typename: 'Person', days: 2, reader: READER } },
          { days: 28, reader: READER, of: GAME, owner: null },
        ],
      },
      Critic: {
        verdict: (_: unknown, { origin }: { origin: string }) => `good for ${origin}`,
        places: (_: unknown, { rows }: { rows: number[][][] | null }) => {
          if (rows === null) throw new Error('nowhere');
          return JSON.stringify(rows);
        },
      },
      Reader: {
        name: () => 'Ann',
        patience: (_: unknown, { days }: { days: number | null }) => `${days} days`,
      },
    },
  },
  operations: [
    {
      about: 'is of the object that each entity is below, whatever its type',
      query: `{ media { ... on Book { critic { verdict } } ... on Film { critic { verdict } game { critic { verdict } } } } }`,
      answer: {
        data: {
          media: [
            { critic: { verdict: 'good for Peru' } },
            { critic: { verdict: 'good for Cuba' }, game: { critic: { verdict: 'good for Mali' } } },
          ],
        },
      },
      apolloIsWrong,
      plainOnly,
    },
    {
      about: 'reaches only what was asked for below objects of that type',
      query: '{ media { ... on Book { critic { verdict } } ... on Film { critic { places } } } }',
      answer: {
        data: { media: [{ critic: { verdict: 'good for Peru' } }, { critic: { places: '[[[1,2],[]]]' } }] },
      },
      apolloIsWrong,
      plainOnly,
    },
    {
      about: 'may be selected from in another way for each type, and is null for a type without a way',
      query: `{ loans { of {
        ... on Book { reader { patience } } ... on Film { reader { patience name } } ... on Game { reader { patience } }
      } } }`,
      answer: {
        data: {
          loans: [
            { of: { reader: { patience: '300 days' } } },
            { of: { reader: { patience: 'null days', name: 'Ann' } } },
            { of: { reader: { patience: '5 days' } } },
          ],
        },
      },
      apolloIsWrong,
      plainOnly,
    },
    {
      about: 'counts where it is nearest, although it is nearer for one type than for another',
      query: `{ loans { reader { patience } owner {
        ... on Club { reader { patience } } ... on Person { reader { patience } }
      } } }`,
      answer: {
        data: {
          loans: [
            { reader: { patience: '14 days' }, owner: { reader: { patience: '14 days' } } },
            { reader: { patience: '21 days' }, owner: { reader: { patience: '2 days' } } },
            { reader: { patience: '28 days' }, owner: null },
          ],
        },
      },
      apolloIsWrong,
      plainOnly,
    },
  ],
} satisfies FederationCase;
