import type { FederationCase } from '../../kit/federation-case.ts';

const reading = (_: unknown, { unit, since = 0 }: { unit: string; since?: number }) =>
  (unit === 'MJ' ? 360 : 100) + since;

export default {
  about: 'A required field is asked for with the arguments of the requirement',
  resolvers: {
    tariffs: { Query: { meter: () => ({ id: 'm' }) }, Meter: { reading } },
    billing: { Meter: { bill: (meter: { reading: number }) => meter.reading * 2 } },
  },
  operations: [
    {
      about: 'and not with their defaults',
      query: '{ meter { bill } }',
      answer: { data: { meter: { bill: 4760 } } },
    },
  ],
} satisfies FederationCase;
