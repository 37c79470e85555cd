import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'The client asks for a required field with arguments of its own',
  resolvers: {
    weather: {
      Query: { harbour: () => ({ id: 'h' }) },
      Harbour: { wind: (_: unknown, { hours }: { hours: number }) => hours * 10 },
    },
    pilots: { Harbour: { isOpen: ({ wind }: { wind: number }) => wind < 20 } },
  },
  operations: [
    {
      about: 'and both it and the department that requires the field get what they asked for',
      query: '{ harbour { wind(hours: 12) isOpen } }',
      answer: { data: { harbour: { wind: 120, isOpen: true } } },
      apolloIsWrong: 'hands the client’s wind to the pilots, who close the harbour',
    },
    {
      about: 'through a variable',
      query: 'query ($hours: Int!) { harbour { isOpen wind(hours: $hours) } }',
      variables: { hours: 6 },
      answer: { data: { harbour: { isOpen: true, wind: 60 } } },
      apolloIsWrong: 'gives the client the wind that the pilots need',
    },
    {
      about: 'under an alias',
      query: '{ harbour { later: wind(hours: 3) isOpen now: wind(hours: 1) } }',
      answer: { data: { harbour: { later: 30, isOpen: true, now: 10 } } },
    },
  ],
} satisfies FederationCase;
