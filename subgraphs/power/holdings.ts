import type { GroupKey } from '../kit/groups.ts';
import type { DropContent } from './drop-file.ts';
import type { ApplicationRow, CustomerRow } from './rows.ts';
import type { UsageTable } from './usage-table.ts';

/** Consumption of one month. */
export interface Usage {
  /** `YYYY-MM`. */
  month: string;
  kwh: number;
}

/** The customers of one district and sector, in the newest month. */
export interface PowerGroup extends GroupKey {
  customers: number;
  kwh: number;
  medianKwh: number;
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
  /** Every group of customers, by its id. */
  groups(): ReadonlyMap<string, PowerGroup>;
}

/** Lays the contents of all files together; the rows stay in their files' own tables. */
export function createHoldings(contents: readonly DropContent[]): Holdings {
  const byMonth = contents
    .filter((content) => content.kind === 'usage')
    .toSorted((one, other) => (one.month > other.month ? -1 : 1));
  const customers = contents.find((content) => content.kind === 'customers')?.customers;
  const applications = contents.find((content) => content.kind === 'applications')?.applications;
  let groups: ReadonlyMap<string, PowerGroup> | undefined;
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
    groups: () => (groups ??= groupsOf(customers?.values() ?? [], byMonth[0]?.usage)),
  };
}

/** Counted are customers with a row in the newest month: a count of others would hide that few have one. */
function groupsOf(customers: Iterable<CustomerRow>, newest: UsageTable | undefined): ReadonlyMap<string, PowerGroup> {
  const counted = [...customers].flatMap(({ customerNo, group }) => {
    const kwh = newest?.kwh(customerNo) ?? null;
    return group === null || kwh === null ? [] : [{ group, kwh }];
  });
  const members = Map.groupBy(counted, ({ group }) => group.groupId);
  const groups = [...members].map(([groupId, rows]): [string, PowerGroup] => {
    // In hundredths, as the company's files have it, so that nothing is lost in adding.
    const used = rows.map((row) => Math.round(row.kwh * 100)).toSorted((one, other) => one - other);
    const kwh = used.reduce((sum, each) => sum + each, 0) / 100;
    const middle = (used[Math.floor((used.length - 1) / 2)]! + used[Math.floor(used.length / 2)]!) / 2;
    return [groupId, { ...rows[0]!.group, customers: rows.length, kwh, medianKwh: Math.round(middle) / 100 }];
  });
  return new Map(groups);
}
