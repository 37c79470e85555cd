import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'csv-parse';
import { createUsageTable, type Places, type UsageTable } from './usage-table.ts';
import {
  APPLICATION_COLUMNS,
  CUSTOMER_COLUMNS,
  readApplication,
  readCustomer,
  readUsage,
  RowFault,
  USAGE_COLUMNS,
  type ApplicationRow,
  type CustomerRow,
  type Fields,
} from './rows.ts';

/** A row that was put aside. */
export interface RejectedRow {
  /** Counted from 1; 0 where the file as a whole is meant. */
  line: number;
  reason: string;
}

/** What came out of one file. */
export interface DropFile {
  file: string;
  rowsKept: number;
  rowsRejected: RejectedRow[];
  content: DropContent;
}

export type DropContent =
  | { kind: 'usage'; month: string; usage: UsageTable }
  | { kind: 'customers'; customers: ReadonlyMap<string, CustomerRow> }
  | { kind: 'applications'; applications: ReadonlyMap<string, ApplicationRow[]> }
  | { kind: 'unknown' };

/** How rows of one kind are taken in. */
interface Intake {
  columns: readonly string[];
  /** @throws RowFault when the row cannot be kept */
  take(fields: Fields): void;
  content: DropContent;
}

/** Rows put aside of one file that are listed; what comes after them is only counted. */
const MAX_LISTED_REJECTIONS = 1_000;

const READ_TIMEOUT_MS = 60_000;

/** More than the company can have customers. */
const MAX_ROWS = 5_000_000;

/** A row of the company is some hundred characters. */
const MAX_ROW_CHARACTERS = 10_000;

/**
 * Reads one file of the drop folder, row by row. Never throws: what cannot be read is in `rowsRejected`.
 *
 * @param path the file, in UTF-8 or, with its byte order mark, in UTF-16
 * @param places gives every customer a place, the same in all files
 */
export async function readDropFile(path: string, places: Places): Promise<DropFile> {
  const file = basename(path);
  const intake = intakeFor(file, places);
  if (!intake) {
    const reason = 'the name says nothing of what is in it; known are kwh-YYYY-MM.csv, customers.csv, applications.csv';
    return { file, rowsKept: 0, rowsRejected: [{ line: 0, reason }], content: { kind: 'unknown' } };
  }
  const rejections = createRejections();
  let rowsKept = 0;
  try {
    for await (const { fields, line } of readRows(path, intake.columns, rejections.add)) {
      try {
        intake.take(fields);
        rowsKept += 1;
      } catch (error) {
        if (!(error instanceof RowFault)) throw error;
        rejections.add(line, error.message);
      }
    }
  } catch (error) {
    rejections.add(0, `reading broke off: ${error instanceof Error ? error.message : String(error)}`);
  }
  return { file, rowsKept, rowsRejected: rejections.list(), content: intake.content };
}

function intakeFor(file: string, places: Places): Intake | null {
  if (file === 'customers.csv') return customersIntake();
  if (file === 'applications.csv') return applicationsIntake();
  const month = /^kwh-(\d{4}-(?:0[1-9]|1[0-2]))\.csv$/.exec(file)?.[1];
  return month === undefined ? null : usageIntake(month, places);
}

function usageIntake(month: string, places: Places): Intake {
  const usage = createUsageTable(places);
  return {
    columns: USAGE_COLUMNS,
    content: { kind: 'usage', month, usage },
    take(fields) {
      const row = readUsage(fields, month);
      if (usage.kwh(row.customerNo) !== null) throw new RowFault(`customer ${row.customerNo} has a row already`);
      usage.add(row.customerNo, row.kwh);
    },
  };
}

function customersIntake(): Intake {
  const customers = new Map<string, CustomerRow>();
  return {
    columns: CUSTOMER_COLUMNS,
    content: { kind: 'customers', customers },
    take(fields) {
      const row = readCustomer(fields);
      if (customers.has(row.customerNo)) throw new RowFault(`customer ${row.customerNo} has a row already`);
      customers.set(row.customerNo, row);
    },
  };
}

function applicationsIntake(): Intake {
  const applications = new Map<string, ApplicationRow[]>();
  return {
    columns: APPLICATION_COLUMNS,
    content: { kind: 'applications', applications },
    take(fields) {
      const row = readApplication(fields);
      applications.set(row.customerNo, [...(applications.get(row.customerNo) ?? []), row]);
    },
  };
}

/** Gives the rows that have every column; the others are put aside. */
async function* readRows(
  path: string,
  wanted: readonly string[],
  reject: (line: number, reason: string) => void,
): AsyncGenerator<{ fields: Fields; line: number }> {
  const source = createReadStream(path, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
  // The dialect has no quotes: one in a text must not swallow the rest of the file.
  const parser = parse({
    delimiter: ';',
    quote: false,
    bom: true,
    info: true,
    relax_column_count: true,
    max_record_size: MAX_ROW_CHARACTERS,
  });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let header: string[] | null = null;
  let rows = 0;
  try {
    for await (const row of parser) {
      const { record, info } = row as { record: string[]; info: { lines: number } };
      rows += 1;
      if (rows > MAX_ROWS) throw new Error(`there are more than ${MAX_ROWS} rows`);
      if (!header) header = checkHeader(record, wanted);
      else if (record.length === header.length) yield { fields: fieldsOf(header, record), line: info.lines };
      else if (record.length > 1 || record[0] !== '')
        reject(info.lines, `${record.length} fields; the header has ${header.length}`);
    }
  } finally {
    source.destroy();
  }
  if (!header) throw new Error('the file is empty; its first line must be the header');
}

function checkHeader(header: string[], wanted: readonly string[]): string[] {
  const missing = wanted.filter((column) => !header.includes(column));
  if (missing.length > 0) throw new Error(`the header has no column ${missing.join(', ')}`);
  return header;
}

function fieldsOf(header: readonly string[], record: readonly string[]): Fields {
  return Object.fromEntries(header.map((column, at) => [column, record[at]!]));
}

function createRejections(): { add(line: number, reason: string): void; list(): RejectedRow[] } {
  const rows: RejectedRow[] = [];
  let unlisted = 0;
  return {
    add(line, reason) {
      if (rows.length < MAX_LISTED_REJECTIONS) rows.push({ line, reason });
      else unlisted += 1;
    },
    list: () => (unlisted === 0 ? rows : [...rows, { line: 0, reason: `${unlisted} more rows were put aside` }]),
  };
}
