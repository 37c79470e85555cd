import type { FederationCase } from '../../kit/federation-case.ts';

interface Parcel {
  id: string;
  grams: number | null;
  fragile: boolean;
}

export default {
  about: 'A field is computed from fields of another department',
  resolvers: {
    goods: {
      Query: {
        parcels: (): Parcel[] => [
          { id: '1', grams: 1500, fragile: false },
          { id: '2', grams: null, fragile: true },
        ],
      },
    },
    customs: {
      Parcel: {
        duty: ({ grams }: Parcel) => (grams === null ? null : grams / 100),
        handling: ({ grams, fragile }: Parcel) => `${fragile ? 'by hand' : 'by machine'}, ${grams ?? 'unknown'} g`,
      },
    },
  },
  operations: [
    {
      about: 'which the client need not ask for',
      query: '{ parcels { duty handling } }',
      answer: {
        data: {
          parcels: [
            { duty: 15, handling: 'by machine, 1500 g' },
            { duty: null, handling: 'by hand, unknown g' },
          ],
        },
      },
    },
    {
      about: 'which the client may ask for under other names',
      query: '{ parcels { weight: grams duty isFragile: fragile } }',
      answer: {
        data: {
          parcels: [
            { weight: 1500, duty: 15, isFragile: false },
            { weight: null, duty: null, isFragile: true },
          ],
        },
      },
    },
  ],
} satisfies FederationCase;
