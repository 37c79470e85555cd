import type { DatabaseSync } from 'node:sqlite';
import type { SocialSecurityRecord } from '../city/records.ts';
import { makeSqliteFile } from '../kit/sqlite-file.ts';

const TABLES = `
  CREATE TABLE unit (
    unit_no TEXT PRIMARY KEY, name TEXT NOT NULL, address TEXT NOT NULL, insured_since TEXT NOT NULL,
    district TEXT NOT NULL, sector TEXT NOT NULL, synthetic INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE headcount (
    unit_no TEXT NOT NULL, month TEXT NOT NULL, insured INTEGER NOT NULL,
    PRIMARY KEY (unit_no, month)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Fills social security's own store. A store made from the same fingerprint is kept.
 *
 * @param file the SQLite file; written aside and renamed whole
 * @param fingerprint stands for the settings the records were generated from
 */
export function seedSocialSecurity(
  file: string,
  records: readonly SocialSecurityRecord[],
  fingerprint: string,
): { /** Employers in the store. */ units: number } {
  const database = makeSqliteFile({ file, fingerprint, fill: (empty) => fill(empty, records) });
  const row = database.prepare('SELECT count(*) AS units FROM unit').get();
  database.close();
  return { units: Number(row?.['units']) };
}

function fill(database: DatabaseSync, records: readonly SocialSecurityRecord[]): void {
  database.exec(TABLES);
  const unit = database.prepare('INSERT INTO unit VALUES (?, ?, ?, ?, ?, ?, 1)');
  const headcount = database.prepare('INSERT INTO headcount VALUES (?, ?, ?)');
  for (const { unitNo, name, address, insuredSince, district, sector, headcounts } of records) {
    unit.run(unitNo, name, address, insuredSince, district, sector);
    for (const { month, insured } of headcounts) headcount.run(unitNo, month, insured);
  }
}
