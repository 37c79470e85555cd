import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import type { CityRecords, PowerRecord } from '../city/records.ts';

/** What lies in the drop folder after seeding. */
export interface PowerCounts {
  files: number;
  /** Rows that the company's system wrote and that cannot be what they say. */
  brokenRows: number;
}

/** A file of the company, before it is written. */
interface DropFile {
  name: string;
  header: string;
  rows: string[];
  /** Files come from more than one machine. */
  encoding: 'utf8' | 'utf8-bom' | 'utf16le-bom';
}

/** Lies beside the files, hidden from who reads them. */
const MARK_FILE = '.seed.json';

const seedMark = z.object({
  /** What the files were made from; null while they are being written. */
  fingerprint: z.string().nullable(),
  /** The files that a seed laid here. */
  files: z.array(z.string()),
});

/** Raised when the way the files are written changes. */
const FORMAT_VERSION = 2;

const CUSTOMERS_FILE = 'customers.csv';
const APPLICATIONS_FILE = 'applications.csv';
const USAGE_HEADER = 'cust_no;period;kwh_active;reading';

/**
 * Lays the power company's files into its drop folder: one of consumption a month (`kwh-2026-09.csv`), the customers,
 * and the applications for connection. They are in the company's own dialect: semicolons, no quotes, decimal commas,
 * days as `31.12.2025`, CRLF. Each is written aside and renamed whole. Files made from the same records are kept; those
 * of another city are replaced; what else lies in the folder is left alone.
 *
 * @param folder made when absent
 */
export function seedPower(folder: string, records: CityRecords): PowerCounts {
  const victims = victimsAmong(records);
  const names = [CUSTOMERS_FILE, APPLICATIONS_FILE, ...records.months.map(usageFileName)];
  const counts = { files: names.length, brokenRows: victims.length };
  const fingerprint = fingerprintOf(records, victims);
  mkdirSync(folder, { recursive: true });
  const mark = readMark(folder);
  if (mark?.fingerprint === fingerprint && names.every((name) => existsSync(join(folder, name)))) return counts;
  // The mark says first what will lie there: a seeding that breaks off is done again, and leaves nothing behind then.
  writeMark(folder, { fingerprint: null, files: [...new Set([...(mark?.files ?? []), ...names])] });
  for (const name of mark?.files ?? []) if (!names.includes(name)) rmSync(join(folder, name), { force: true });
  const files = [
    customersFile(records),
    applicationsFile(records),
    ...records.months.map((month) => usageFile(records, month)),
  ];
  breakRows(files.at(-1)!, victims);
  for (const file of files) writeAside(folder, file.name, encoded(file));
  writeMark(folder, { fingerprint, files: names });
  return counts;
}

function customersFile({ powerCustomers }: CityRecords): DropFile {
  const rows = lines(
    powerCustomers.map(({ customerNo, name, meterAddress, district, sector }) => [
      customerNo,
      name,
      meterAddress,
      'Y',
      district,
      sector,
    ]),
  );
  return {
    name: CUSTOMERS_FILE,
    header: 'cust_no;cust_name;supply_point;made_up;district;sector',
    rows,
    encoding: 'utf8',
  };
}

function applicationsFile({ powerCustomers }: CityRecords): DropFile {
  const rows = powerCustomers.flatMap(({ customerNo, applications }) =>
    applications.map(({ applicationNo, appliedOn, capacityKva, connectedOn }) => [
      applicationNo,
      customerNo,
      asDay(appliedOn),
      asDecimal(capacityKva),
      connectedOn === null ? '' : asDay(connectedOn),
    ]),
  );
  const header = 'application;cust_no;applied;capacity_kva;connected';
  return { name: APPLICATIONS_FILE, header, rows: lines(rows), encoding: 'utf16le-bom' };
}

function usageFile({ powerCustomers, months }: CityRecords, month: string): DropFile {
  const period = month.replace('-', '');
  const rows = powerCustomers.flatMap((customer) => {
    const used = usageIn(customer, month, months);
    if (used === null) return [];
    // Every seventh meter is not read each month.
    const reading = (Number(customer.customerNo) + Number(period)) % 7 === 0 ? 'E' : 'A';
    return [[customer.customerNo, period, asDecimal(used), reading]];
  });
  const encoding = month.endsWith('-01') ? 'utf8-bom' : 'utf8';
  return { name: usageFileName(month), header: USAGE_HEADER, rows: lines(rows), encoding };
}

/** A customer's months are the city's last ones or a stretch of them, so that the place of one is known. */
function usageIn({ usage }: PowerRecord, month: string, months: readonly string[]): number | null {
  const first = usage[0];
  if (!first) return null;
  const used = usage[months.indexOf(month) - months.indexOf(first.month)];
  return used?.month === month ? used.kwh : null;
}

/** Customers whose rows are broken: none of them is an enterprise. */
function victimsAmong({ powerCustomers, truth }: CityRecords): string[] {
  const linked = new Set(truth.links.filter(({ system }) => system === 'POWER').map(({ localKey }) => localKey));
  return powerCustomers
    .map(({ customerNo }) => customerNo)
    .filter((customerNo) => !linked.has(customerNo))
    .slice(0, BREAKS.length);
}

/** Breaks a few rows of a month, as the company's system does now and then. */
function breakRows({ rows }: DropFile, victims: readonly string[]): void {
  victims.forEach((customerNo, at) => {
    const row = rows.findIndex((line) => line.startsWith(`${customerNo};`));
    rows.splice(row, 1, ...BREAKS[at]!(rows[row]!));
  });
}

/** What goes wrong with a row: each makes one row that cannot be kept. */
const BREAKS: readonly ((row: string) => string[])[] = [
  (row) => [row.replace(/;[^;]*;([AE])$/, ';n/a;$1')],
  (row) => [row, row.replace(/;[^;]*;([AE])$/, ';1,00;$1')],
  (row) => [row.split(';').slice(0, 2).join(';')],
  (row) => [row.replace(/;(\d[^;]*);([AE])$/, ';-$1;$2')],
  (row) => [row.replace(/^(\d+);\d{6};/, '$1;200001;')],
  (row) => [row.replace(/^\d/, 'O')],
];

/** The dialect knows no quotes, so a semicolon in a text becomes a comma. */
function lines(rows: readonly (readonly string[])[]): string[] {
  const text = stringify(
    rows.map((row) => row.map((field) => field.replaceAll(';', ','))),
    { delimiter: ';', quote: false, record_delimiter: '\n' },
  );
  return text === '' ? [] : text.slice(0, -1).split('\n');
}

function asDecimal(value: number): string {
  return value.toFixed(2).replace('.', ',');
}

function asDay(day: string): string {
  return day.split('-').reverse().join('.');
}

function encoded({ header, rows, encoding }: DropFile): Buffer {
  const text = `${[header, ...rows].join('\r\n')}\r\n`;
  if (encoding === 'utf16le-bom') return Buffer.from(`\ufeff${text}`, 'utf16le');
  return Buffer.from(encoding === 'utf8-bom' ? `\ufeff${text}` : text);
}

function fingerprintOf({ powerCustomers, months }: CityRecords, victims: readonly string[]): string {
  const content = JSON.stringify([FORMAT_VERSION, months, victims, powerCustomers]);
  return createHash('sha256').update(content).digest('hex');
}

/** The mark of an earlier seed; null where there is none, or none that can be read. */
function readMark(folder: string): z.infer<typeof seedMark> | null {
  const file = join(folder, MARK_FILE);
  if (!existsSync(file)) return null;
  try {
    return seedMark.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

function writeMark(folder: string, mark: z.infer<typeof seedMark>): void {
  writeAside(folder, MARK_FILE, Buffer.from(JSON.stringify(mark)));
}

function usageFileName(month: string): string {
  return `kwh-${month}.csv`;
}

function writeAside(folder: string, name: string, content: Buffer): void {
  const aside = join(folder, `.${name}.part`);
  writeFileSync(aside, content);
  renameSync(aside, join(folder, name));
}
