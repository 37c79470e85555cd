import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'Parts of an operation are left out by `@skip` and `@include`',
  resolvers: {
    ferries: {
      Query: {
        ferry: () => ({ id: 'f', name: 'Gull', captain: { name: 'Ana', licence: 7 } }),
        quays: () => 4,
      },
    },
    tides: {
      Query: { high: () => 12 },
      Ferry: { draught: () => 3, hull: () => ({ metres: 40 }), label: ({ name }: { name: string }) => `MV ${name}` },
    },
  },
  operations: [
    {
      about: 'at the root, in each department',
      query: 'query ($no: Boolean!) { quays @include(if: $no) high @skip(if: $no) ferry @skip(if: true) { id } }',
      variables: { no: false },
      answer: { data: { high: 12 } },
    },
    {
      about: 'on fields of entities',
      query: 'query ($yes: Boolean!) { ferry { name @skip(if: $yes) draught @include(if: $yes) } }',
      variables: { yes: true },
      answer: { data: { ferry: { draught: 3 } } },
    },
    {
      about: 'on a field that another one requires',
      query: 'query ($yes: Boolean!) { ferry { name @skip(if: $yes) label } }',
      variables: { yes: true },
      answer: { data: { ferry: { label: 'MV Gull' } } },
    },
    {
      about: 'on inline fragments, with and without a type',
      query: `query ($yes: Boolean!, $no: Boolean = false) {
        ferry {
          ... @include(if: $no) { name }
          ... on Ferry @include(if: $yes) { label }
          ... @skip(if: $no) { id }
        }
      }`,
      variables: { yes: true },
      answer: { data: { ferry: { label: 'MV Gull', id: 'f' } } },
    },
    {
      about: 'on named fragments',
      query: `query ($yes: Boolean!) { ferry { ...A @include(if: $yes) ...B @skip(if: $yes) } }
        fragment A on Ferry { draught captain { licence @skip(if: $yes) name } }
        fragment B on Ferry { label }`,
      variables: { yes: true },
      answer: { data: { ferry: { draught: 3, captain: { name: 'Ana' } } } },
    },
    {
      about: 'on a field that is asked for twice, once without a condition',
      query:
        'query ($no: Boolean!) { ferry { name @include(if: $no) captain @include(if: $no) { licence } captain { name } name } }',
      variables: { no: false },
      answer: { data: { ferry: { captain: { name: 'Ana' }, name: 'Gull' } } },
    },
    {
      about: 'both on one field',
      query:
        'query ($yes: Boolean!) { quays @include(if: $yes) @skip(if: $yes) high @include(if: $yes) @skip(if: false) }',
      variables: { yes: true },
      answer: { data: { high: 12 } },
    },
    {
      about: 'until nothing is left of an object, which is then empty',
      query: 'query ($no: Boolean!) { ferry { name @include(if: $no) captain { name @include(if: $no) } } }',
      variables: { no: false },
      answer: { data: { ferry: { captain: {} } } },
    },
    {
      about: 'until nothing is left of an object of an entity fetch',
      query: 'query ($no: Boolean!) { ferry { draught @include(if: $no) } }',
      variables: { no: false },
      answer: { data: { ferry: {} } },
    },
    {
      about: 'until nothing is left of an object that may not be null',
      query: 'query ($no: Boolean!) { ferry { hull @skip(if: $no) { metres @include(if: $no) } } }',
      variables: { no: false },
      answer: { data: { ferry: { hull: {} } } },
      apolloIsWrong: 'leaves the object out as if it were missing',
    },
    {
      about: 'on the names of types',
      query:
        'query ($no: Boolean!) { __typename @include(if: $no) ferry { __typename @include(if: $no) draught kind: __typename } }',
      variables: { no: false },
      answer: { data: { ferry: { draught: 3, kind: 'Ferry' } } },
    },
    {
      about: 'until nothing is left at all',
      query: 'query ($no: Boolean!) { quays @include(if: $no) ... @include(if: $no) { high } }',
      variables: { no: false },
      answer: { data: {} },
      plainOnly: 'there is nothing to fetch',
    },
  ],
} satisfies FederationCase;
