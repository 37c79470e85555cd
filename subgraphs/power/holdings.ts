import type { DropContent } from './drop-file.ts';
import type { ApplicationRow, CustomerRow } from './rows.ts';

/** Consumption of one month. */
export interface Usage {
  /** `YYYY-MM`. */
  month: string;
  kwh: number;
}

/** What all files of the folder say together. */
export interface Holdings {
  /** Whether any file knows the customer. */
  knows(customerNo: string): boolean;
  /** The customer's row; null where the customer file has none. */
  customer(customerNo: string): CustomerRow | null;
  /** The customer's months, newest first, at most so many. */
  usage(customerNo: string, months: number): Usage[];
  /** The customer's applications, newest first. */
  applications(customerNo: string): ApplicationRow[];
}

/** Lays the contents of all files together; the rows stay in their files' own tables. */
export function createHoldings(contents: readonly DropContent[]): Holdings {
  const byMonth = contents
    .filter((content) => content.kind === 'usage')
    .toSorted((one, other) => (one.month > other.month ? -1 : 1));
  const customers = contents.find((content) => content.kind === 'customers')?.customers;
  const applications = contents.find((content) => content.kind === 'applications')?.applications;
  return {
    knows: (customerNo) =>
      customers?.has(customerNo) === true ||
      applications?.has(customerNo) === true ||
      byMonth.some(({ usage }) => usage.kwh(customerNo) !== null),
    customer: (customerNo) => customers?.get(customerNo) ?? null,
    usage(customerNo, months) {
      const newest: Usage[] = [];
      for (const { month, usage } of byMonth) {
        const kwh = usage.kwh(customerNo);
        if (kwh !== null) newest.push({ month, kwh });
        if (newest.length === months) break;
      }
      return newest;
    },
    applications: (customerNo) =>
      (applications?.get(customerNo) ?? []).toSorted((one, other) => (one.appliedOn > other.appliedOn ? -1 : 1)),
  };
}
