import type { FederationCase } from '../../kit/federation-case.ts';

const keeper = { id: 'k', name: 'Bo' };

export default {
  about: 'Fragments are spread, each where its type applies',
  resolvers: {
    zoo: {
      Query: {
        animals: () => [
          { __typename: 'Seal', id: 's', name: 'Pip', keeper, dives: 30 },
          { __typename: 'Owl', id: 'o', name: 'Uhu', keeper: null, hunts: 'mice', wingspan: 160 },
        ],
        keeper: () => keeper,
      },
    },
    vets: {
      Seal: { weight: () => 90 },
      Owl: { weight: () => 2 },
      Keeper: { vaccinated: () => true },
    },
  },
  operations: [
    {
      about: 'by name, inside each other',
      query: `{ animals { ...All } keeper { ...Person } }
        fragment All on Animal { name ...Both keeper { ...Person } }
        fragment Both on Animal { ... on Seal { weight ...Diver } ... on Owl { ...Hunter weight } }
        fragment Diver on Seal { dives }
        fragment Hunter on Owl { hunts }
        fragment Person on Keeper { name vaccinated }`,
      answer: {
        data: {
          animals: [
            { name: 'Pip', weight: 90, dives: 30, keeper: { name: 'Bo', vaccinated: true } },
            { name: 'Uhu', hunts: 'mice', weight: 2, keeper: null },
          ],
          keeper: { name: 'Bo', vaccinated: true },
        },
      },
    },
    {
      about: 'in place, with a type that is wider, the same, or none',
      query: '{ animals { ... on Seal { ... on Animal { id ... { name } ... on Seal { weight } } } ... { id } } }',
      answer: { data: { animals: [{ id: 's', name: 'Pip', weight: 90 }, { id: 'o' }] } },
    },
    {
      about: 'where their fields meet those of other fragments',
      query: `{ animals { ...A ...B } }
        fragment A on Animal { keeper { id } ... on Seal { weight } }
        fragment B on Seal { keeper { vaccinated name } weight }`,
      answer: {
        data: {
          animals: [{ keeper: { id: 'k', vaccinated: true, name: 'Bo' }, weight: 90 }, { keeper: null }],
        },
      },
    },
    {
      about: 'with the same name for different fields of types that cannot meet',
      query: '{ animals { ... on Seal { is: weight does: dives } ... on Owl { is: weight does: wingspan } } }',
      answer: {
        data: {
          animals: [
            { is: 90, does: 30 },
            { is: 2, does: 160 },
          ],
        },
      },
    },
    {
      about: 'with the name of a key for another field of each type',
      query: '{ animals { ... on Seal { id: dives weight } ... on Owl { id: wingspan weight } } }',
      answer: {
        data: {
          animals: [
            { id: 30, weight: 90 },
            { id: 160, weight: 2 },
          ],
        },
      },
      apolloIsWrong: 'gives null',
    },
  ],
} satisfies FederationCase;
