import type { FederationCase } from '../../kit/federation-case.ts';

const MM_PER_UNIT: Record<string, number> = { mm: 1, cm: 10, m: 1_000 };

interface Parcel {
  size: number;
  weight: number;
}

export default {
  about: 'A field has an argument from a context and requires fields of other departments,',
  resolvers: {
    orders: {
      Query: {
        customers: () => [
          { id: 'ann', country: 'NL', basket: { id: 'p1' } },
          { id: 'bob', country: 'JP', basket: { id: 'p1' } },
        ],
      },
      Parcel: {
        price: ({ size }: Parcel, { country }: { country: string }) => `${size} m to ${country}`,
        postage: ({ size, weight }: Parcel, { fast, country }: { fast: boolean; country: string }) =>
          `${size} cm, ${weight} kg to ${country}${fast ? ', fast' : ''}`,
        isHeavy: ({ weight }: Parcel) => weight > 10,
      },
    },
    products: { Parcel: { size: (_: unknown, { unit }: { unit: string }) => 2_000 / MM_PER_UNIT[unit]! } },
    scales: { Parcel: { weight: ({ size }: Parcel) => size / 100 } },
  },
  operations: [
    {
      about: 'one of which is itself given against a requirement, and one with several arguments',
      query: `query ($unit: String!) {
        customers { basket { price fast: postage(fast: true) slow: postage(fast: false) isHeavy size(unit: $unit) } }
      }`,
      variables: { unit: 'cm' },
      answer: {
        data: {
          customers: ['NL', 'JP'].map((country) => ({
            basket: {
              price: `2 m to ${country}`,
              fast: `200 cm, 20 kg to ${country}, fast`,
              slow: `200 cm, 20 kg to ${country}`,
              isHeavy: true,
              size: 200,
            },
          })),
        },
      },
      apolloIsWrong: 'refuses to serve @context',
      plainOnly: 'a program does not know the objects above an entity',
    },
  ],
} satisfies FederationCase;
