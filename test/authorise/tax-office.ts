import { NOBODY, type Caller } from '../../gateway/caller.ts';
import { parseRuleFile, RuleSet, type RuleFile } from '../../gateway/authorise/rule-set.ts';
import type { SmallSubgraph } from '../kit/federation.ts';

const DIRECTIVES =
  'directive @access(class: String!) on FIELD_DEFINITION | OBJECT\ndirective @aggregate(count: String!) on OBJECT\n';

const TAXPAYERS = [
  { id: 't1', district: 'North', arrears: 120, payers: 1, filings: [{ period: '2026-Q1', due: 5 }] },
  { id: 't2', district: 'South', arrears: 900, payers: 1, filings: [{ period: '2026-Q1', due: 7 }] },
  { id: 't3', district: 'North', arrears: 0, payers: 1, filings: [] },
];
const OWNERS: Readonly<Record<string, string | null>> = { t1: 'e1', t2: 'e2', t3: null };
const GROUPS = [
  { district: 'North', taxpayers: 12, arrears: 4_000 },
  { district: 'South', taxpayers: 9, arrears: 80 },
];

/** A tax office whose amounts are for some of its records' readers, and an identity office that knows whose record is whose. */
export const TAX_OFFICE: Readonly<Record<string, SmallSubgraph>> = {
  tax: {
    sdl: `${DIRECTIVES}
      type Query { taxpayers: [Taxpayer!]! groups: [TaxGroup!]! }
      type Taxpayer @key(fields: "id") {
        id: ID!
        district: String
        arrears(in: String): Float @access(class: "amounts")
        filings: [Filing!] @access(class: "amounts")
        mark: String! @access(class: "marks")
      }
      type Filing { period: String! due: Float! }
      type TaxGroup @key(fields: "district") @aggregate(count: "taxpayers") {
        district: ID!
        taxpayers: Int!
        arrears: Float @access(class: "amounts")
        due(before: String): Float @access(class: "amounts")
      }`,
    resolvers: {
      Query: { taxpayers: () => TAXPAYERS, groups: () => GROUPS },
      Taxpayer: {
        __resolveReference: ({ id }: { id: string }) => TAXPAYERS.find((each) => each.id === id),
        mark: ({ id }: { id: string }) => `mark of ${id}`,
      },
      TaxGroup: {
        __resolveReference: ({ district }: { district: string }) => GROUPS.find((each) => each.district === district),
      },
    },
  },
  identity: {
    sdl: `type Query { enterprise(uscc: ID!): Enterprise }
      type Enterprise @key(fields: "uscc") { uscc: ID! taxpayer: Taxpayer }
      type Taxpayer @key(fields: "id") { id: ID! enterprise: Enterprise }`,
    resolvers: {
      Query: { enterprise: (_: unknown, { uscc }: { uscc: string }) => ({ uscc }) },
      Enterprise: {
        taxpayer: ({ uscc }: { uscc: string }) => {
          const found = Object.entries(OWNERS).find(([, owner]) => owner === uscc);
          return found ? { id: found[0] } : null;
        },
      },
      Taxpayer: {
        enterprise: ({ id }: { id: string }) => (OWNERS[id] ? { uscc: OWNERS[id] } : null),
      },
    },
  },
};

const TAX_RULES: RuleFile = parseRuleFile(
  {
    department: 'tax',
    rules: [
      { id: 'open', text: 'Who pays taxes is public.', outcome: 'ALLOW', classes: 'unclassified' },
      {
        id: 'inspector',
        text: 'An inspector sees the amounts of the own district.',
        outcome: 'ALLOW',
        classes: 'amounts',
        when: { 'identity.roles': 'inspector' },
        record: { district: { same: 'identity.claims.district' } },
      },
      {
        id: 'own',
        text: 'Everyone sees the own amounts.',
        outcome: 'ALLOW',
        classes: 'amounts',
        when: { 'identity.claims.uscc': { $exists: true } },
        record: { 'enterprise.uscc': { same: 'identity.claims.uscc' } },
      },
      {
        id: 'bank',
        text: 'A bank sees amounts of the North by size.',
        outcome: 'MASK',
        mask: { bands: [0, 100, 1_000] },
        classes: 'amounts',
        when: { 'identity.roles': 'bank' },
        record: { district: 'North' },
      },
      {
        id: 'groups',
        text: 'The mayor sees amounts of groups.',
        outcome: 'AGGREGATE',
        classes: 'amounts',
        when: { 'identity.roles': 'mayor' },
      },
      {
        id: 'marks-not-of-south',
        text: 'Marks of the South are sealed.',
        outcome: 'DENY',
        classes: 'marks',
        record: { district: { $eq: 'South' } },
      },
      { id: 'marks', text: 'Marks are public.', outcome: 'ALLOW', classes: 'marks' },
    ],
  },
  'tax.yaml',
);

export const TAX_OFFICE_RULES = new RuleSet([
  TAX_RULES,
  parseRuleFile(
    {
      department: 'identity',
      rules: [{ id: 'known', text: 'Who is who is public.', outcome: 'ALLOW', classes: 'unclassified' }],
    },
    'identity.yaml',
  ),
]);

/** Somebody with roles and claims. */
export function person(roles: readonly string[], claims: Readonly<Record<string, unknown>> = {}): Caller {
  return {
    ...NOBODY,
    identity: { ...NOBODY.identity, kind: 'person', subject: `somebody of ${roles.join()}`, roles, claims },
  };
}
