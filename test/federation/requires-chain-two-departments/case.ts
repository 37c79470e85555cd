import type { FederationCase } from '../../kit/federation-case.ts';

interface Building {
  floors: number;
  riskClass: number;
  inspectionEveryYears: number;
}

export default {
  about: 'Two departments require fields of each other in turn',
  resolvers: {
    buildings: {
      Query: { building: () => ({ id: 'b', floors: 12 }) },
      Building: {
        __resolveReference: (key: object) => ({ floors: 12, ...key }),
        inspectionEveryYears: ({ riskClass }: Building) => 10 - riskClass,
      },
    },
    fire: {
      Building: {
        riskClass: ({ floors }: Building) => Math.floor(floors / 2),
        inspectors: ({ inspectionEveryYears }: Building) => 12 / inspectionEveryYears,
      },
    },
  },
  operations: [
    {
      about: 'once',
      query: '{ building { riskClass } }',
      answer: { data: { building: { riskClass: 6 } } },
    },
    {
      about: 'back and forth',
      query: '{ building { inspectionEveryYears } }',
      answer: { data: { building: { inspectionEveryYears: 4 } } },
    },
    {
      about: 'back and forth and back again',
      query: '{ building { inspectors } }',
      answer: { data: { building: { inspectors: 3 } } },
      apolloIsWrong: 'asks for the second step with no value of the first',
    },
  ],
} satisfies FederationCase;
