import type { FederationCase } from '../../kit/federation-case.ts';

const feeOf: Record<string, number> = { 'P-1': 40, 'P-2': 75 };

export default {
  about: 'Two departments describe one entity by the same key',
  resolvers: {
    permits: {
      Query: {
        permits: () => [
          { number: 'P-1', kind: 'market stall' },
          { number: 'P-2', kind: 'scaffold' },
        ],
      },
    },
    fees: { Permit: { fee: ({ number }: { number: string }) => feeOf[number] } },
  },
  operations: [
    {
      about: 'and each gives what it knows, whether or not the client asks for the key',
      query: '{ permits { kind fee } }',
      answer: {
        data: {
          permits: [
            { kind: 'market stall', fee: 40 },
            { kind: 'scaffold', fee: 75 },
          ],
        },
      },
    },
    {
      about: 'and the answer has the fields in the order in which the client asks for them',
      query: '{ permits { fee number kind } }',
      answer: {
        data: {
          permits: [
            { fee: 40, number: 'P-1', kind: 'market stall' },
            { fee: 75, number: 'P-2', kind: 'scaffold' },
          ],
        },
      },
    },
  ],
} satisfies FederationCase;
