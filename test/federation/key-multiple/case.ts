import type { FederationCase } from '../../kit/federation-case.ts';

const vehicles = [
  { plate: 'AB-12', chassis: 'WX1', model: 'van' },
  { plate: 'CD-34', chassis: 'WX2', model: 'bus' },
];

const finesOf: Record<string, number> = { 'AB-12': 3, 'CD-34': 0 };
const inspectedIn: Record<string, number> = { WX1: 2024, WX2: 2025 };

export default {
  about: 'An entity has several keys, and each department is asked by the one it knows',
  resolvers: {
    vehicles: {
      Query: { vehicles: () => vehicles },
      Vehicle: {
        __resolveReference: (key: { plate?: string; chassis?: string }) =>
          vehicles.find(({ plate, chassis }) => plate === key.plate || chassis === key.chassis),
      },
    },
    parking: { Vehicle: { fines: ({ plate }: { plate: string }) => finesOf[plate] } },
    inspection: {
      Query: { failedInspections: () => [{ chassis: 'WX2' }] },
      Vehicle: { inspectedIn: ({ chassis }: { chassis: string }) => inspectedIn[chassis] },
    },
  },
  operations: [
    {
      about: 'when the first department knows both',
      query: '{ vehicles { model fines inspectedIn } }',
      answer: {
        data: {
          vehicles: [
            { model: 'van', fines: 3, inspectedIn: 2024 },
            { model: 'bus', fines: 0, inspectedIn: 2025 },
          ],
        },
      },
    },
    {
      about: 'and a department that knows both leads from one key to the other',
      query: '{ failedInspections { inspectedIn fines } }',
      answer: { data: { failedInspections: [{ inspectedIn: 2025, fines: 0 }] } },
    },
  ],
} satisfies FederationCase;
