import type { FederationCase } from '../../kit/federation-case.ts';

const street = { __typename: 'Street', code: 12 };
const asksTwice = 'the two keys are asked for under two names, and put back under one';

export default {
  about: 'Keys of two types have one name and different types',
  resolvers: {
    search: {
      Query: {
        found: () => [street, { __typename: 'Company', code: '12' }],
        broken: () => [street, { __typename: 'Company', code: new Error('The register is being rebuilt.') }],
      },
    },
    names: {
      Street: { name: ({ code }: { code: number }) => `street ${typeof code} ${code}` },
      Company: { name: ({ code }: { code: string | null }) => code && `company ${typeof code} ${code}` },
    },
  },
  operations: [
    {
      about: 'and are asked for side by side',
      query: '{ found { ... on Street { name } ... on Company { name } } }',
      answer: { data: { found: [{ name: 'street number 12' }, { name: 'company string 12' }] } },
      plainOnly: asksTwice,
    },
    {
      about: 'and the client may ask for one of them, and the other under another name',
      query: '{ found { ... on Street { code name } ... on Company { number: code name } } }',
      answer: {
        data: {
          found: [
            { code: 12, name: 'street number 12' },
            { number: '12', name: 'company string 12' },
          ],
        },
      },
      plainOnly: asksTwice,
    },
    {
      about: 'and an error of one of them stands at its own name',
      query: '{ broken { ... on Street { name } ... on Company { name } } }',
      answer: {
        data: { broken: [{ name: 'street number 12' }, { name: null }] },
        errors: [{ message: 'The register is being rebuilt.', path: ['broken', 1, 'code'] }],
      },
      apolloIsWrong: 'gives the name that the planner made up',
    },
  ],
} satisfies FederationCase;
