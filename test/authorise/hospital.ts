import { NOBODY, type Caller } from '../../gateway/caller.ts';
import { parseRuleFile, RuleSet } from '../../gateway/authorise/rule-set.ts';
import type { SmallSubgraph } from '../kit/federation.ts';

const ACCESS = 'directive @access(class: String!) on FIELD_DEFINITION | OBJECT | INTERFACE\n';

const PATIENTS = [
  { id: 'p1', name: 'Ada Lind', phone: '0701234567', ward: 'W1', weightKg: 61.5 },
  { id: 'p2', name: 'Bo Öst', phone: '0709876543', ward: 'W2', weightKg: 90.2 },
];

/** A small hospital of two departments, with access classes on what is not for everyone. */
export const HOSPITAL: Readonly<Record<string, SmallSubgraph>> = {
  records: {
    sdl: `${ACCESS}
      type Query { patients: [Patient!]! patient(id: ID!): Patient someone: Human }
      interface Human { name: String }
      type Patient implements Human @key(fields: "id") {
        id: ID!
        name: String
        phone: String @access(class: "contact")
        ward: String!
        weightKg: Float @access(class: "medical")
        notes: [Note!] @access(class: "medical")
      }
      type Visitor implements Human { name: String @access(class: "contact") }
      type Note @access(class: "medical") { text: String! by: String! @access(class: "staff") }`,
    resolvers: {
      Query: {
        patients: () => PATIENTS,
        patient: (_: unknown, { id }: { id: string }) => PATIENTS.find((patient) => patient.id === id),
        someone: () => ({ __typename: 'Visitor', name: 'Eva' }),
      },
      Patient: {
        __resolveReference: ({ id }: { id: string }) => PATIENTS.find((patient) => patient.id === id),
        notes: ({ id }: { id: string }) => [{ text: `about ${id}`, by: 'Dr. Ek' }],
      },
    },
  },
  pharmacy: {
    sdl: `${ACCESS}
      type Patient @key(fields: "id") {
        id: ID!
        weightKg: Float @external
        doseMg: Float @requires(fields: "weightKg")
        bill: Float @access(class: "money")
      }`,
    resolvers: {
      Patient: {
        doseMg: ({ weightKg }: { weightKg: number | null }) => (weightKg === null ? null : weightKg * 2),
        bill: ({ id }: { id: string }) => (id === 'p1' ? 1_250.5 : 80),
      },
    },
  },
};

export const RULES = new RuleSet([
  parseRuleFile(
    {
      department: 'records',
      rules: [
        { id: 'r-open', text: 'Who lies where is known in the house.', outcome: 'ALLOW', classes: 'unclassified' },
        {
          id: 'r-doctor',
          text: 'A doctor who treats sees medical records.',
          outcome: 'ALLOW',
          classes: ['medical', 'contact'],
          when: { 'identity.roles': 'doctor', 'purpose.purpose': 'treatment' },
        },
        {
          id: 'r-consent',
          text: 'An insurer needs consent for medical records.',
          outcome: 'NEEDS_CONSENT',
          classes: 'medical',
          when: { 'identity.roles': 'insurer', 'purpose.consentReference': { $exists: false } },
          needs: 'a consent of the patient (header switchyard-consent)',
        },
        {
          id: 'r-insurer',
          text: 'With consent an insurer sees medical records.',
          outcome: 'ALLOW',
          classes: 'medical',
          when: { 'identity.roles': 'insurer' },
        },
        {
          id: 'r-phone',
          text: 'The desk sees the end of a telephone number.',
          outcome: 'MASK',
          classes: 'contact',
          when: { 'identity.roles': 'desk' },
          mask: { keepLast: 3 },
        },
        {
          id: 'r-staff',
          text: 'Names of staff are for the personnel office.',
          outcome: 'DENY',
          classes: 'staff',
          needs: 'to ask the personnel office',
        },
      ],
    },
    'records.yaml',
  ),
  parseRuleFile(
    {
      department: 'pharmacy',
      rules: [
        { id: 'p-open', text: 'Doses are known where they are given.', outcome: 'ALLOW', classes: 'unclassified' },
        {
          id: 'p-bands',
          text: 'The desk sees bills by size.',
          outcome: 'MASK',
          classes: 'money',
          when: { 'identity.roles': 'desk' },
          mask: { bands: [0, 100, 1_000] },
        },
      ],
    },
    'pharmacy.yaml',
  ),
]);

/** Somebody with a role, asking for a purpose. */
export function as(role: string, purpose: Partial<Caller['purpose']> = {}): Caller {
  return {
    identity: { ...NOBODY.identity, kind: 'person', subject: `some ${role}`, roles: [role] },
    purpose: { ...NOBODY.purpose, ...purpose },
  };
}
