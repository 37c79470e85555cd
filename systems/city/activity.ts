import { monthNumber, type Enterprise } from './enterprises.ts';
import { createRandom } from './random.ts';
import type { TaxRecord } from './records.ts';

/** What an enterprise did in one month. */
export interface MonthOfActivity {
  /** `YYYY-MM`. */
  month: string;
  insured: number;
  kwh: number;
  revenueCny: number;
}

/** The months of a city, oldest first; the last is 2026-09. */
export function monthsUntilNow(count: number): string[] {
  const last = monthNumber('2026-09');
  return Array.from({ length: count }, (_, at) => {
    const month = last - count + 1 + at;
    return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
  });
}

/** An enterprise's months, oldest first, from the month after it was established to its last. */
export function activityOf(seed: number, enterprise: Enterprise, months: readonly string[]): MonthOfActivity[] {
  const random = createRandom(seed, `activity/${enterprise.index}`);
  const since = enterprise.establishedOn.slice(0, 7);
  const active: MonthOfActivity[] = [];
  // From the newest back, so that a city of fewer months has the same last ones.
  for (const month of months.toReversed()) {
    const wobble = [random.around(1, 0.08), random.around(1, 0.12), random.around(1, 0.2)] as const;
    if (month < since || (enterprise.endedIn !== null && month > enterprise.endedIn)) continue;
    active.push(monthOf(enterprise, month, wobble));
  }
  return active.reverse();
}

function monthOf(enterprise: Enterprise, month: string, wobble: readonly [number, number, number]): MonthOfActivity {
  const { industry, kind } = enterprise;
  const monthOfYear = Number(month.slice(5));
  const season = 1 + industry.season * Math.cos(((monthOfYear - industry.peakMonth) * Math.PI) / 6);
  // A heating firm's winter: nobody insured and hardly any power from April to September.
  const resting = kind === 'SEASONAL' && monthOfYear >= 4 && monthOfYear <= 9;
  const uninsured = kind === 'SHELL' || kind === 'HOLDING' || kind === 'NEW' || kind === 'PARENT_PAYROLL' || resting;
  return {
    month,
    insured: uninsured ? 0 : Math.max(1, Math.round(enterprise.headcount * wobble[0] * (1 + (season - 1) / 3))),
    kwh: (resting ? 0.01 : climate(monthOfYear)) * enterprise.kwh * wobble[1],
    revenueCny: (resting ? Math.max(300_000, enterprise.revenueCny) : enterprise.revenueCny * season) * wobble[2],
  };
}

/** Cooling in summer and heating in winter, against the year's mean. */
function climate(monthOfYear: number): number {
  return [1.1, 1.0, 0.9, 0.85, 0.9, 1.05, 1.2, 1.25, 1.05, 0.85, 0.85, 1.0][monthOfYear - 1]!;
}

/** The quarters that are wholly among the months and due by the end of 2026-09, oldest first, with what was filed. */
export function filingsOf(
  seed: number,
  enterprise: Enterprise,
  months: readonly MonthOfActivity[],
): TaxRecord['filings'] {
  const random = createRandom(seed, `filings/${enterprise.index}`);
  const quarters = new Map<string, MonthOfActivity[]>();
  for (const month of months) {
    const quarter = `${month.month.slice(0, 4)}-Q${Math.ceil(Number(month.month.slice(5)) / 3)}`;
    quarters.set(quarter, [...(quarters.get(quarter) ?? []), month]);
  }
  const filings: TaxRecord['filings'] = [];
  for (const [period, inQuarter] of [...quarters].reverse()) {
    const overdue = random.chance(enterprise.status === 'ACTIVE' ? 0.015 : 0.3);
    const taxRate = enterprise.industry.section === 'C' || enterprise.industry.section === 'F' ? 0.032 : 0.027;
    const revenueCny = cents(
      inQuarter.reduce((sum, { revenueCny: revenue }) => sum + revenue, 0) * (1 - 0.06 * random.next()),
    );
    const taxDueCny = cents(revenueCny * taxRate);
    const unpaid = random.chance(0.03) ? random.next() : 0;
    const day = random.whole(1, 15);
    if (inQuarter.length < 3 || period > '2026-Q2') continue;
    if (overdue) filings.push({ period, filedOn: null, revenueCny: 0, taxDueCny: 0, taxPaidCny: 0 });
    else
      filings.push({
        period,
        filedOn: dayAfter(inQuarter.at(-1)!.month, day),
        revenueCny,
        taxDueCny,
        taxPaidCny: cents(taxDueCny * (1 - unpaid)),
      });
  }
  return filings.reverse();
}

/** Rounds an amount to hundredths. */
export function cents(amount: number): number {
  return Math.round(amount * 100) / 100;
}

function dayAfter(month: string, day: number): string {
  const next = monthNumber(month) + 1;
  return `${Math.floor(next / 12)}-${String((next % 12) + 1).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
