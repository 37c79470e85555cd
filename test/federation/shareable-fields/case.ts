import type { FederationCase } from '../../kit/federation-case.ts';

export default {
  about: 'Several departments can tell one field of an entity',
  resolvers: {
    sensors: {
      Query: { sensors: () => [{ id: 's', unit: 'from sensors', value: 4.5 }] },
      Sensor: { __resolveReference: ({ id }: { id: string }) => ({ id, unit: 'from sensors', value: 4.5 }) },
    },
    calibration: {
      Query: { overdue: () => [{ id: 's', unit: 'from calibration', calibratedIn: 2019 }] },
      Sensor: {
        __resolveReference: ({ id }: { id: string }) => ({ id, unit: 'from calibration', calibratedIn: 2019 }),
      },
    },
  },
  operations: [
    {
      about: 'and the one is asked that is asked anyway',
      query: '{ sensors { unit } overdue { unit } }',
      answer: { data: { sensors: [{ unit: 'from sensors' }], overdue: [{ unit: 'from calibration' }] } },
    },
    {
      about: 'and no second one is asked for it on the way to others',
      query: '{ sensors { unit calibratedIn } }',
      answer: { data: { sensors: [{ unit: 'from sensors', calibratedIn: 2019 }] } },
    },
  ],
} satisfies FederationCase;
