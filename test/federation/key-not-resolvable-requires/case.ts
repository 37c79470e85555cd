import type { FederationCase } from '../../kit/federation-case.ts';

const byId: Record<string, { id: string; name: string; passengers: number }> = {
  s7: { id: 's7', name: 'Old Harbour', passengers: 1200 },
};
const byKey = ({ id, name }: { id?: string; name?: string }) =>
  Object.values(byId).find((station) => station.id === id || station.name === name);

export default {
  about: 'A department is asked again, for a field that requires another’s, by a key that it resolves',
  resolvers: {
    stations: {
      Query: { station: () => ({ id: 's7', name: 'Old Harbour' }) },
      Station: {
        __resolveReference(station: { id?: string; passengers?: number }) {
          if (station.id === undefined) throw new Error('Stations are not found by name.');
          return station;
        },
        crowded: ({ passengers }: { passengers: number }) => passengers > 1000,
      },
    },
    turnstiles: { Station: { __resolveReference: byKey } },
  },
  operations: [
    {
      about: 'though another key, which it does not resolve, comes first',
      query: '{ station { name crowded } }',
      answer: { data: { station: { name: 'Old Harbour', crowded: true } } },
      apolloIsWrong: 'asks by the name, and says that the error is of `_entities`',
    },
  ],
} satisfies FederationCase;
