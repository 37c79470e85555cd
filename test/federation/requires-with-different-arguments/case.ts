import type { FederationCase } from '../../kit/federation-case.ts';

interface District {
  code: string;
  residents: number;
}

export default {
  about: 'Fields of one department require one field of another with different arguments',
  resolvers: {
    population: {
      Query: { district: () => ({ code: 'D4' }) },
      District: { residents: (_: unknown, { under }: { under?: number }) => (under ?? 90) * 100 },
    },
    services: {
      District: {
        kindergartens: ({ residents }: District) => residents / 100,
        schools: ({ residents }: District) => residents / 100,
        polls: ({ residents }: District) => residents / 100,
      },
    },
  },
  operations: [
    {
      about: 'and each gets the value for its own',
      query: '{ district { kindergartens schools polls } }',
      answer: { data: { district: { kindergartens: 6, schools: 18, polls: 90 } } },
      apolloIsWrong: 'gives all of them the value for the last',
    },
    {
      about: 'in the order in which the client asks',
      query: '{ district { polls schools: kindergartens kindergartens: schools } }',
      answer: { data: { district: { polls: 90, schools: 6, kindergartens: 18 } } },
      apolloIsWrong: 'gives all of them the value for the last',
    },
    {
      about: 'and clients do not see how',
      query: '{ __type(name: "District") { fields { name args { name } } } }',
      answer: {
        data: {
          __type: {
            fields: [
              { name: 'code', args: [] },
              { name: 'residents', args: [{ name: 'under' }] },
              { name: 'kindergartens', args: [] },
              { name: 'schools', args: [] },
              { name: 'polls', args: [] },
            ],
          },
        },
      },
      plainOnly: 'introspection is answered by the schema itself',
    },
  ],
} satisfies FederationCase;
