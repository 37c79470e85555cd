import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { medianOf } from '../kit/median.ts';

/** What the tax register answers; the names are the elements of `tax.wsdl`. */
export interface TaxRegister {
  GetTaxpayers(request: unknown): { RESULT_CNT: number; TAXPAYER: Row[] };
  GetFilings(request: unknown): { RESULT_CNT: number; FILING: Row[] };
  GetInvoiceMonths(request: unknown): { RESULT_CNT: number; INVOICE_MONTH: Row[] };
  GetStatistics(): { RESULT_CNT: number; GROUP: Row[] };
}

/** One element of an answer; absent elements are left out. */
export type Row = Record<string, string | number>;

/** A request the register refuses: the number and the words its callers know it by. */
export class RegisterFault extends Error {
  override name = 'RegisterFault';
}

const taxpayerNos = z.array(z.string().min(1).max(32)).min(1).max(100);
const newest = z
  .string()
  .regex(/^\d{1,2}$/)
  .transform(Number)
  .pipe(z.number().min(1).max(60));

/** The operations of the register over its store. */
export function createTaxRegister(database: DatabaseSync): TaxRegister {
  const taxpayer = database.prepare('SELECT * FROM taxpayer WHERE taxpayer_no = ?');
  const filings = database.prepare('SELECT * FROM filing WHERE taxpayer_no = ? ORDER BY tax_period DESC LIMIT ?');
  const invoices = database.prepare(
    'SELECT * FROM invoice_month WHERE taxpayer_no = ? ORDER BY inv_month DESC LIMIT ?',
  );
  let groups: Row[] | undefined;
  return {
    GetTaxpayers(request) {
      const rows = readTaxpayerNos(request).flatMap((no) => taxpayer.all(no).map(toTaxpayer));
      return { RESULT_CNT: rows.length, TAXPAYER: rows };
    },
    GetFilings(request) {
      const limit = readNewest(request);
      const rows = readTaxpayerNos(request).flatMap((no) => filings.all(no, limit).map(toFiling));
      return { RESULT_CNT: rows.length, FILING: rows };
    },
    GetInvoiceMonths(request) {
      const limit = readNewest(request);
      const rows = readTaxpayerNos(request).flatMap((no) => invoices.all(no, limit).map(toInvoiceMonth));
      return { RESULT_CNT: rows.length, INVOICE_MONTH: rows };
    },
    GetStatistics() {
      // The store never changes.
      groups ??= readGroups(database);
      return { RESULT_CNT: groups.length, GROUP: groups };
    },
  };
}

function readTaxpayerNos(request: unknown): string[] {
  const parsed = z.object({ TAXPAYER_NO: taxpayerNos }).safeParse(request);
  if (parsed.success) return [...new Set(parsed.data.TAXPAYER_NO)];
  throw new RegisterFault('TX-101: name 1 to 100 TAXPAYER_NO, each of 1 to 32 characters');
}

function readNewest(request: unknown): number {
  const parsed = z.object({ NEWEST: newest }).safeParse(request);
  if (parsed.success) return parsed.data.NEWEST;
  throw new RegisterFault('TX-102: NEWEST must be a whole number from 1 to 60');
}

type StoredRow = Record<string, unknown>;

/** One row a district and sector. Counted is who filed for the newest quarter: a count of others would hide that few did. */
const GROUPED = `
  SELECT district_cd, sector_cd, count(*) AS taxpayers, sum(decl_headcnt) AS headcnt, sum(arrears_fen) AS arrears_fen,
    sum(revenue_fen) AS revenue_fen, json_group_array(revenue_fen) AS revenues
  FROM taxpayer JOIN filing ON filing.taxpayer_no = taxpayer.taxpayer_no AND filed_dt IS NOT NULL
    AND tax_period = (SELECT max(tax_period) FROM filing)
  GROUP BY district_cd, sector_cd`;

function readGroups(database: DatabaseSync): Row[] {
  return database
    .prepare(GROUPED)
    .all()
    .map((row) => ({
      DISTRICT_CD: String(row['district_cd']),
      SECTOR_CD: String(row['sector_cd']),
      TAXPAYER_CNT: Number(row['taxpayers']),
      DECL_HEADCNT: Number(row['headcnt']),
      REVENUE_AMT: toAmount(row['revenue_fen']),
      MEDIAN_REVENUE_AMT: toAmount(Math.round(medianOf(JSON.parse(String(row['revenues'])) as number[]))),
      ARREARS_AMT: toAmount(row['arrears_fen']),
    }));
}

function toTaxpayer(row: StoredRow): Row {
  return {
    TAXPAYER_NO: String(row['taxpayer_no']),
    TP_NAME: String(row['name']),
    TP_ADDR: String(row['address']),
    DISTRICT_CD: String(row['district_cd']),
    DECL_HEADCNT: Number(row['decl_headcnt']),
    ARREARS_AMT: toAmount(row['arrears_fen']),
    SYNTH_FLG: String(row['synth_flg']),
  };
}

function toFiling(row: StoredRow): Row {
  return {
    TAXPAYER_NO: String(row['taxpayer_no']),
    TAX_PERIOD: String(row['tax_period']),
    ...(typeof row['filed_dt'] === 'string' && { FILED_DT: row['filed_dt'] }),
    REVENUE_AMT: toAmount(row['revenue_fen']),
    DUE_AMT: toAmount(row['due_fen']),
    PAID_AMT: toAmount(row['paid_fen']),
  };
}

function toInvoiceMonth(row: StoredRow): Row {
  return {
    TAXPAYER_NO: String(row['taxpayer_no']),
    INV_MONTH: String(row['inv_month']),
    INV_CNT: Number(row['inv_cnt']),
    INV_AMT: toAmount(row['inv_fen']),
  };
}

/** Fen as yuan in decimal text, digit by digit, because a division could round. */
function toAmount(fen: unknown): string {
  const digits = String(Math.abs(Number(fen))).padStart(3, '0');
  return `${Number(fen) < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
