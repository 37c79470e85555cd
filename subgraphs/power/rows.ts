import { groupKey, type GroupKey } from '../kit/groups.ts';

/** A row of a monthly file. */
export interface UsageRow {
  customerNo: string;
  kwh: number;
}

/** A row of the customer file. */
export interface CustomerRow {
  customerNo: string;
  meterAddress: string | null;
  synthetic: boolean;
  /** Where the customer is counted; null where the file does not say. */
  group: GroupKey | null;
}

/** A row of the file of applications. */
export interface ApplicationRow {
  applicationNo: string;
  customerNo: string;
  /** `YYYY-MM-DD`. */
  appliedOn: string;
  capacityKva: number;
  connectedOn: string | null;
}

/** Why a row cannot be kept. */
export class RowFault extends Error {
  override name = 'RowFault';
}

/** A row's fields by the name of their column. */
export type Fields = Readonly<Record<string, string>>;

export const USAGE_COLUMNS = ['cust_no', 'period', 'kwh_active'] as const;
export const CUSTOMER_COLUMNS = ['cust_no', 'supply_point', 'made_up'] as const;
export const APPLICATION_COLUMNS = ['application', 'cust_no', 'applied', 'capacity_kva', 'connected'] as const;

/**
 * Reads a row of the file of one month, `YYYY-MM`.
 * @throws RowFault
 */
export function readUsage(fields: Fields, month: string): UsageRow {
  const period = field(fields, 'period');
  if (period !== month.replace('-', '')) throw new RowFault(`period is "${period}" in the file of ${month}`);
  return { customerNo: customerNumber(fields), kwh: decimal(fields, 'kwh_active') };
}

/** @throws RowFault */
export function readCustomer(fields: Fields): CustomerRow {
  const meterAddress = field(fields, 'supply_point');
  return {
    customerNo: customerNumber(fields),
    meterAddress: meterAddress === '' ? null : meterAddress,
    synthetic: field(fields, 'made_up') === 'Y',
    group: groupOf(fields),
  };
}

/** @throws RowFault */
export function readApplication(fields: Fields): ApplicationRow {
  const applicationNo = field(fields, 'application');
  if (applicationNo === '') throw new RowFault('application is empty');
  return {
    applicationNo,
    customerNo: customerNumber(fields),
    appliedOn: day(fields, 'applied'),
    capacityKva: decimal(fields, 'capacity_kva'),
    connectedOn: field(fields, 'connected') === '' ? null : day(fields, 'connected'),
  };
}

/** Older files have no such columns. */
function groupOf(fields: Fields): GroupKey | null {
  const [district, sector] = [fields['district']?.trim(), fields['sector']?.trim()];
  return district && sector ? groupKey(district, sector) : null;
}

function customerNumber(fields: Fields): string {
  const text = field(fields, 'cust_no');
  if (/^\d{10}$/.test(text)) return text;
  throw new RowFault(`cust_no is "${text}"; it must be ten digits`);
}

/** A number the company's way: `1234,56`, never below zero. */
function decimal(fields: Fields, column: string): number {
  const text = field(fields, column);
  if (/^\d{1,15}(,\d{1,6})?$/.test(text)) return Number(text.replace(',', '.'));
  throw new RowFault(`${column} is "${text}"; it must be a number such as 1234,56`);
}

/** A day the company's way, `31.12.2025`, as `YYYY-MM-DD`. */
function day(fields: Fields, column: string): string {
  const text = field(fields, column);
  const iso = /^\d{2}\.\d{2}\.\d{4}$/.test(text) ? text.split('.').reverse().join('-') : '';
  const time = Date.parse(iso);
  // A day that does not exist, such as 31.02., comes back as another one.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(iso)) return iso;
  throw new RowFault(`${column} is "${text}"; it must be a day such as 31.12.2025`);
}

function field(fields: Fields, column: string): string {
  return fields[column]!.trim();
}
