import type { DatabaseSync } from 'node:sqlite';
import type { TaxRecord } from '../city/records.ts';
import { makeSqliteFile } from '../kit/sqlite-file.ts';

const TABLES = `
  CREATE TABLE taxpayer (
    taxpayer_no TEXT PRIMARY KEY, name TEXT NOT NULL, address TEXT NOT NULL, district_cd TEXT NOT NULL, sector_cd TEXT NOT NULL,
    decl_headcnt INTEGER NOT NULL, arrears_fen INTEGER NOT NULL, synth_flg TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE filing (
    taxpayer_no TEXT NOT NULL, tax_period TEXT NOT NULL, filed_dt TEXT,
    revenue_fen INTEGER NOT NULL, due_fen INTEGER NOT NULL, paid_fen INTEGER NOT NULL,
    PRIMARY KEY (taxpayer_no, tax_period)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE invoice_month (
    taxpayer_no TEXT NOT NULL, inv_month TEXT NOT NULL, inv_cnt INTEGER NOT NULL, inv_fen INTEGER NOT NULL,
    PRIMARY KEY (taxpayer_no, inv_month)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Fills the tax system's own store. A store made from the same fingerprint is kept.
 *
 * @param file the SQLite file; written aside and renamed whole
 * @param fingerprint stands for the settings the records were generated from
 */
export function seedTax(
  file: string,
  records: readonly TaxRecord[],
  fingerprint: string,
): { /** Taxpayers in the store. */ taxpayers: number } {
  const database = makeSqliteFile({ file, fingerprint, fill: (empty) => fill(empty, records) });
  const row = database.prepare('SELECT count(*) AS taxpayers FROM taxpayer').get();
  database.close();
  return { taxpayers: Number(row?.['taxpayers']) };
}

function fill(database: DatabaseSync, records: readonly TaxRecord[]): void {
  database.exec(TABLES);
  const taxpayer = database.prepare('INSERT INTO taxpayer VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const filing = database.prepare('INSERT INTO filing VALUES (?, ?, ?, ?, ?, ?)');
  const invoice = database.prepare('INSERT INTO invoice_month VALUES (?, ?, ?, ?)');
  for (const record of records) {
    const no = record.taxpayerId;
    const { name, address, district, sector, declaredHeadcount, arrearsCny } = record;
    taxpayer.run(no, name, address, district, sector, declaredHeadcount, toFen(arrearsCny), 'Y');
    for (const { period, filedOn, revenueCny, taxDueCny, taxPaidCny } of record.filings) {
      filing.run(no, period, filedOn, toFen(revenueCny), toFen(taxDueCny), toFen(taxPaidCny));
    }
    for (const { month, count, amountCny } of record.invoices) invoice.run(no, month, count, toFen(amountCny));
  }
}

/** The store counts in fen (hundredths of a yuan), so that no amount is ever rounded. */
function toFen(amountCny: number): number {
  return Math.round(amountCny * 100);
}
