import type { DatabaseSync } from 'node:sqlite';
import type { CreditRecord } from '../city/records.ts';
import { makeSqliteFile } from '../kit/sqlite-file.ts';

const TABLES = `
  CREATE TABLE file (code TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE loan (
    number TEXT PRIMARY KEY, code TEXT NOT NULL, lender TEXT NOT NULL, purpose TEXT NOT NULL, granted_on TEXT NOT NULL,
    due_on TEXT NOT NULL, principal INTEGER NOT NULL, outstanding INTEGER NOT NULL, state TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX loan_code ON loan (code, granted_on DESC);
  CREATE TABLE flag (number TEXT PRIMARY KEY, code TEXT NOT NULL, kind TEXT NOT NULL, raised_on TEXT NOT NULL)
    STRICT, WITHOUT ROWID;
  CREATE INDEX flag_code ON flag (code);
`;

/**
 * Fills the credit registry's own store. A store made from the same fingerprint is kept.
 *
 * @param file the SQLite file; written aside and renamed whole
 * @param fingerprint stands for the settings the records were generated from
 */
export function seedCreditRegistry(
  file: string,
  records: readonly CreditRecord[],
  fingerprint: string,
): { /** Loans in the store. */ loans: number } {
  const database = makeSqliteFile({ file, fingerprint, fill: (empty) => fill(empty, records) });
  const row = database.prepare('SELECT count(*) AS loans FROM loan').get();
  database.close();
  return { loans: Number(row?.['loans']) };
}

function fill(database: DatabaseSync, records: readonly CreditRecord[]): void {
  database.exec(TABLES);
  const addFile = database.prepare('INSERT INTO file VALUES (?)');
  const addLoan = database.prepare('INSERT INTO loan VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const addFlag = database.prepare('INSERT INTO flag VALUES (?, ?, ?, ?)');
  for (const { uscc, loans, flags } of records) {
    addFile.run(uscc);
    for (const { loanNo, lender, purpose, grantedOn, dueOn, principalCny, outstandingCny, state } of loans)
      addLoan.run(loanNo, uscc, lender, purpose, grantedOn, dueOn, principalCny, outstandingCny, state);
    for (const { flagNo, kind, raisedOn } of flags) addFlag.run(flagNo, uscc, kind, raisedOn);
  }
}
