import type { FederationCase } from '../../kit/federation-case.ts';

const numberOf: Record<string, string> = { r1: 'I-100', r2: 'I-200' };
const fundOf: Record<string, string> = { 'I-100': 'Seafarers', 'I-200': 'City' };

export default {
  about: 'Two departments without a common key are joined through a third one that has both',
  resolvers: {
    clinics: {
      Query: {
        patients: () => [
          { recordId: 'r1', ward: 'eyes' },
          { recordId: 'r2', ward: 'bones' },
        ],
      },
    },
    registry: {
      Patient: {
        __resolveReference: ({ recordId }: { recordId: string }) => ({
          recordId,
          insuranceNumber: numberOf[recordId],
        }),
      },
    },
    insurance: {
      Patient: { fund: ({ insuranceNumber }: { insuranceNumber: string }) => fundOf[insuranceNumber] },
    },
  },
  operations: [
    {
      about: 'which the client need not know of',
      query: '{ patients { ward fund } }',
      answer: {
        data: {
          patients: [
            { ward: 'eyes', fund: 'Seafarers' },
            { ward: 'bones', fund: 'City' },
          ],
        },
      },
    },
  ],
} satisfies FederationCase;
