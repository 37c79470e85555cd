import { scattered } from './codes.ts';
import { TODAY, type Enterprise } from './enterprises.ts';
import { BLOCK_SIZE, WELL_KNOWN_AT, type Kind } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import type { CreditRecord } from './records.ts';

type Loan = CreditRecord['loans'][number];
type Flag = CreditRecord['flags'][number];

const LENDERS = ['Yunmei Commercial Bank', 'Harbour Cooperative Bank', 'Northgate Development Bank'] as const;
const PURPOSES = ['WORKING_CAPITAL', 'INVESTMENT', 'PROPERTY'] as const;
const TERMS_YEARS = [1, 3, 5] as const;
/** How likely an enterprise borrows; nobody lends to one that is new. */
const CHANCES: Partial<Record<Kind, number>> = { SHELL: 0.1, NEW: 0, HOLDING: 0.6 };
const ORDINARY_CHANCE = 0.55;
const MOST_LOANS = 3;

/** What lenders reported, by credit code: a file for each enterprise, whether it borrowed or not. */
export function creditFilesOf(seed: number, enterprises: readonly Enterprise[]): CreditRecord[] {
  return enterprises
    .map((enterprise) => {
      const random = createRandom(seed, `credit/${enterprise.index}`);
      const loans = loansOf(enterprise, random);
      const flags = loans.flatMap((loan, at) => flagsOf(enterprise, loan, { at, random }));
      return { uscc: enterprise.uscc, loans, flags };
    })
    .toSorted((one, other) => (one.uscc < other.uscc ? -1 : 1));
}

function loansOf(enterprise: Enterprise, random: Random): Loan[] {
  const isWellKnown = enterprise.index % BLOCK_SIZE === WELL_KNOWN_AT;
  const borrows = random.chance(CHANCES[enterprise.kind] ?? ORDINARY_CHANCE);
  const count = random.weighted([1, 2, MOST_LOANS], (loans) => 4 - loans);
  if (!borrows && !isWellKnown) return [];
  return Array.from({ length: isWellKnown ? 2 : count }, (_, at) => makeLoan(enterprise, at, random)).filter(
    (loan) => loan.grantedOn >= enterprise.establishedOn,
  );
}

function makeLoan({ index, revenueCny, establishedOn, endedIn }: Enterprise, at: number, random: Random): Loan {
  // Nobody lends to who has ended.
  const last = endedIn === null ? TODAY : `${endedIn}-01`;
  const earliest = establishedOn > '2021-01-01' ? establishedOn : '2021-01-01';
  const days = Math.max(0, Math.floor((Date.parse(last) - Date.parse(earliest)) / 86_400_000));
  const grantedOn = dayAfter(last, -random.whole(0, days));
  const dueOn = dayAfter(grantedOn, random.pick(TERMS_YEARS) * 365);
  const principalCny = Math.max(5, Math.round(random.around(revenueCny * 3, 0.6) / 10_000)) * 10_000;
  const isGood = random.chance(0.95);
  const isDue = dueOn <= TODAY;
  const state = isGood && isDue ? 'REPAID' : !isGood || endedIn !== null ? 'OVERDUE' : 'PERFORMING';
  const share = random.whole(20, 100) / 100;
  return {
    loanNo: `L${String(scattered(index * MOST_LOANS + at, 100_000_000, 29_370_581, 911)).padStart(8, '0')}`,
    lender: random.pick(LENDERS),
    purpose: random.pick(PURPOSES),
    grantedOn,
    dueOn,
    principalCny,
    outstandingCny: state === 'REPAID' ? 0 : Math.round(principalCny * share),
    state,
  };
}

/** A loan that is overdue is flagged, and now and then one where a guarantor had to pay. */
function flagsOf({ index }: Enterprise, loan: Loan, { at, random }: { at: number; random: Random }): Flag[] {
  const isCalled = random.chance(0.03);
  const kind = loan.state === 'OVERDUE' ? 'OVERDUE_90_DAYS' : isCalled ? 'GUARANTEE_CALLED' : null;
  if (kind === null) return [];
  const raisedOn = dayAfter(loan.grantedOn, random.whole(100, 300));
  const flagNo = `F${String(scattered(index * MOST_LOANS + at, 100_000_000, 16_180_339, 353)).padStart(8, '0')}`;
  return [{ flagNo, kind, raisedOn: raisedOn > TODAY ? TODAY : raisedOn }];
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}
