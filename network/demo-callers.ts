/** The enterprise that saved operations ask for by default; its records are those of the city's seed. */
const SAMPLE = {
  uscc: '91990104MA95YFB981',
  pid: 'P9936956794',
  district: '990104',
  eventNo: 'H2026-1872819',
} as const;

/** Somebody to ask as: what a token says, and what the request says it is for. */
export interface DemoCaller {
  /** Claims of the token; rules see `roles` and what `switchyard.config.ts` names. */
  claims: Readonly<Record<string, unknown>>;
  /** Headers beside the token. */
  purpose: Readonly<Record<string, string>>;
}

export type DemoCallerName = keyof typeof demoCallers;

/** One of each role, and whoever asks as nobody brings no token. */
export const demoCallers = {
  enterprise: {
    claims: { sub: 'director-of-mocheng', uscc: SAMPLE.uscc, pid: SAMPLE.pid },
    purpose: {},
  },
  'tax-inspector': {
    claims: { sub: 'inspector-7', department: 'tax', roles: ['tax-inspector'], district: SAMPLE.district },
    purpose: { 'switchyard-purpose': 'tax audit', 'switchyard-case': 'TAX-2026-0117' },
  },
  'tax-inspector-elsewhere': {
    claims: { sub: 'inspector-8', department: 'tax', roles: ['tax-inspector'], district: '990101' },
    purpose: { 'switchyard-purpose': 'tax audit', 'switchyard-case': 'TAX-2026-0231' },
  },
  'bank-officer': {
    claims: { sub: 'officer-3', organisation: 'Yunmei Commercial Bank', roles: ['bank-officer'] },
    purpose: { 'switchyard-purpose': 'credit check', 'switchyard-consent': 'CONSENT-2026-0042' },
  },
  'hotline-operator': {
    claims: { sub: 'operator-12', department: 'city-operations', roles: ['hotline-operator'] },
    purpose: { 'switchyard-purpose': 'call back', 'switchyard-case': SAMPLE.eventNo },
  },
  'city-operator': {
    claims: {
      sub: 'operator-21',
      department: 'city-operations',
      roles: ['city-operator', 'data-steward', 'dispatch-officer'],
    },
    purpose: { 'switchyard-purpose': 'follow up a finding' },
  },
  'market-officer': {
    claims: { sub: 'officer-31', department: 'market', roles: ['department-officer'] },
    purpose: { 'switchyard-purpose': 'follow up a finding' },
  },
  'tax-steward': { claims: { sub: 'steward-2', department: 'tax', roles: ['data-steward'] }, purpose: {} },
  'fire-dispatch-officer': {
    claims: { sub: 'officer-9', department: 'fire', roles: ['dispatch-officer'] },
    purpose: {},
  },
  arbitrator: {
    claims: { sub: 'arbitrator-4', organisation: 'Labour Arbitration Commission' },
    purpose: { 'switchyard-purpose': 'arbitration', 'switchyard-case': 'ARB-2026-0009' },
  },
  // Has records dispatched to the analysis department, which is a recipient of its own, and sees what is found in them.
  analyst: {
    claims: { sub: 'analyst-5', department: 'analysis', roles: ['analyst', 'dispatch-officer'] },
    purpose: { 'switchyard-purpose': 'shell-company-analysis' },
  },
  leader: { claims: { sub: 'mayor', roles: ['leader'] }, purpose: {} },
  auditor: { claims: { sub: 'auditor-1', roles: ['auditor'] }, purpose: { 'switchyard-purpose': 'audit' } },
} as const satisfies Record<string, DemoCaller>;
