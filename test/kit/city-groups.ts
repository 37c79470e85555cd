import type { CityRecords, Grouping } from '../../systems/city/records.ts';

/** A group as the truth has it: its members' values in the newest period. */
export interface TrueGroup {
  groupId: string;
  district: string;
  sector: string;
  values: number[];
}

/** The groups of taxpayers, with the revenue that each filed for the newest quarter. */
export function taxGroupsOf({ taxpayers }: CityRecords): TrueGroup[] {
  const newest = taxpayers.flatMap(({ filings }) => filings.map(({ period }) => period)).reduce(latest);
  return groupsOf(taxpayers, ({ filings }) => {
    return filings.find(({ period, filedOn }) => period === newest && filedOn !== null)?.revenueCny;
  });
}

/** The groups of insured units, with how many each insured in the newest month. */
export function headcountGroupsOf({ insuredUnits, months }: CityRecords): TrueGroup[] {
  return groupsOf(insuredUnits, ({ headcounts }) => headcounts.find(({ month }) => month === months.at(-1))?.insured);
}

/** The groups of power customers, with what each used in the newest month; `broken` are those whose row cannot be read. */
export function powerGroupsOf({ powerCustomers, months }: CityRecords, broken: ReadonlySet<string>): TrueGroup[] {
  return groupsOf(powerCustomers, ({ customerNo, usage }) =>
    broken.has(customerNo) ? undefined : usage.find(({ month }) => month === months.at(-1))?.kwh,
  );
}

export function sumOf(values: readonly number[]): number {
  return Math.round(values.reduce((sum, value) => sum + value, 0) * 100) / 100;
}

export function middleOf(values: readonly number[]): number {
  // In hundredths, as the systems count, so that a half is rounded as they do.
  const sorted = values.map((value) => Math.round(value * 100)).toSorted((one, other) => one - other);
  const at = (sorted.length - 1) / 2;
  return Math.round((sorted[Math.floor(at)]! + sorted[Math.ceil(at)]!) / 2) / 100;
}

function groupsOf<Row extends Grouping>(rows: readonly Row[], valueOf: (row: Row) => number | undefined): TrueGroup[] {
  const groups = new Map<string, TrueGroup>();
  for (const row of rows) {
    const { district, sector } = row;
    const value = valueOf(row);
    if (value === undefined) continue;
    const groupId = `${district}:${sector}`;
    const group = groups.get(groupId) ?? { groupId, district, sector, values: [] };
    group.values.push(value);
    groups.set(groupId, group);
  }
  return [...groups.values()].toSorted((one, other) => (one.groupId < other.groupId ? -1 : 1));
}

function latest(one: string, other: string): string {
  return one > other ? one : other;
}
