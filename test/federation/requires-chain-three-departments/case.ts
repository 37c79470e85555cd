import type { FederationCase } from '../../kit/federation-case.ts';

interface District {
  litres: number;
  pumpPower: number;
}

export default {
  about: 'A field requires a field that requires a field, each of another department',
  resolvers: {
    census: { Query: { district: () => ({ code: 'D1', name: 'Old Town' }) } },
    water: { District: { litres: () => 600 } },
    energy: { District: { pumpPower: ({ litres }: District) => litres / 10 } },
    climate: { District: { emissions: ({ pumpPower, litres }: District) => pumpPower * 2 + litres } },
  },
  operations: [
    {
      about: 'and they are asked in that order',
      query: '{ district { name emissions } }',
      answer: { data: { district: { name: 'Old Town', emissions: 720 } } },
    },
    {
      about: 'and what lies between is not lost when the client asks for it too',
      query: '{ district { emissions pumpPower litres } }',
      answer: { data: { district: { emissions: 720, pumpPower: 60, litres: 600 } } },
    },
  ],
} satisfies FederationCase;
