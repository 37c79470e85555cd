import type { FederationCase } from '../../kit/federation-case.ts';

interface Plot {
  owner: { __typename: string; name: string } | null;
}

export default {
  about: 'A required field leads to an interface',
  resolvers: {
    land: {
      Query: {
        plots: () => [
          { id: '1', owner: { __typename: 'Person', name: 'Nadia', age: 40 } },
          { id: '2', owner: { __typename: 'Company', name: 'Dredging Ltd' } },
          { id: '3', owner: null },
        ],
      },
    },
    letters: {
      Plot: {
        salutation: ({ owner }: Plot) => owner && `${owner.__typename === 'Person' ? 'Dear' : 'To'} ${owner.name}`,
      },
    },
  },
  operations: [
    {
      about: 'and the department that requires it may require the type of each object too',
      query: '{ plots { salutation } }',
      answer: {
        data: { plots: [{ salutation: 'Dear Nadia' }, { salutation: 'To Dredging Ltd' }, { salutation: null }] },
      },
      plainOnly: 'a representation has an object of several types',
    },
    {
      about: 'of which the client asks for more, by type',
      query: '{ plots { owner { ... on Person { age } } salutation } }',
      answer: {
        data: {
          plots: [
            { owner: { age: 40 }, salutation: 'Dear Nadia' },
            { owner: {}, salutation: 'To Dredging Ltd' },
            { owner: null, salutation: null },
          ],
        },
      },
      plainOnly: 'a representation has an object of several types',
    },
  ],
} satisfies FederationCase;
