import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { SourceValue } from '../record-source.ts';
import type { CollectionUse } from '../source-kind.ts';
import { openForRows, quote, RowReader, tableText } from './kept-rows.ts';
import type { TypedTime } from './typed-time.ts';

/**
 * Tables that files are read into, in a SQLite file of the source's own: so that a million rows take no memory, keys have indexes,
 * and a file is taken over by a commit, before which everybody sees the one before.
 */
export interface ImportTables {
  database: DatabaseSync;
  /** Takes in a file in place of what was taken in under its name, all of it or nothing. */
  begin(file: string): void;
  commit(): void;
  rollback(): void;
  /** What takes the rows of one file for a collection. */
  intake(collection: string, file: string): RowIntake;
  /** Sets what is known of a file, beside its rows. */
  note(report: FileReport): void;
  /** What is known of a file of which rows were kept. */
  keptOf(file: string): FileReport | undefined;
  /** Says what is wrong with a file whose rows stand as they were read before; gives what is known of it now. */
  noteFault(report: FileReport, fault: string | null): FileReport;
  /** Forgets files other than these. */
  keepOnly(files: readonly string[]): void;
}

/** What became of a file. */
export interface FileReport {
  file: string;
  /** Null where nothing takes the file. */
  collection: string | null;
  encoding: string | null;
  delimiter: string | null;
  rowsKept: number;
  rowsAside: number;
  /** Milliseconds since 1970. */
  readAt: number;
  /** Why it could not be read, or not to its end. */
  fault: string | null;
}

/** Takes the rows of one file. */
export interface RowIntake {
  /** Columns of the table, without those that begin with `$`. */
  columns: readonly string[];
  /** Takes one row; a column that it lacks is undefined or null. What cannot be kept is put aside with the reason. */
  add(values: readonly (SourceValue | TypedTime | undefined)[], line: number): void;
  /** Puts a row aside. */
  putAside(line: number, reason: string): void;
  /** Forgets what was taken, to begin anew. */
  clear(): void;
  counts(): { rowsKept: number; rowsAside: number };
  /** Whether a row was put aside because another one had its key. */
  hasDuplicates(): boolean;
}

/** Rows put aside of one file that are listed; what comes after them is only counted. */
const MAX_LISTED = 1_000;

const OWN_TABLES = `
  CREATE TABLE "$files" (file TEXT PRIMARY KEY NOT NULL, collection TEXT, encoding TEXT, delimiter TEXT, rowsKept INTEGER NOT NULL,
    rowsAside INTEGER NOT NULL, readAt INTEGER NOT NULL, fault TEXT);
  CREATE TABLE "$aside" (file TEXT NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL, isKept INTEGER NOT NULL);
  CREATE INDEX "$aside of file" ON "$aside" (file, line);`;

const FILE_COLUMNS = '"$file" TEXT NOT NULL, "$line" INTEGER NOT NULL, "$readAt" INTEGER NOT NULL';

/** Makes the tables, each with an index for every way in which its rows are looked for. */
export function createTables(path: string, uses: ReadonlyMap<string, CollectionUse>): ImportTables {
  const database = openForRows(path);
  database.exec(OWN_TABLES);
  for (const [collection, use] of uses) {
    database.exec(tableText(collection, use, FILE_COLUMNS));
    database.exec(`CREATE INDEX ${quote(`${collection} of file`)} ON ${quote(collection)} ("$file")`);
  }
  const tables = ['$aside', '$files', ...uses.keys()];
  const note = database.prepare(
    'INSERT INTO "$files" VALUES (:file, :collection, :encoding, :delimiter, :rowsKept, :rowsAside, :readAt, :fault)',
  );
  const known = database.prepare('SELECT * FROM "$files" WHERE file = ? AND rowsKept > 0');
  return {
    database,
    begin(file) {
      database.exec('BEGIN');
      for (const table of tables)
        database.prepare(`DELETE FROM ${quote(table)} WHERE ${fileColumn(table)} = ?`).run(file);
    },
    commit: () => database.exec('COMMIT'),
    rollback: () => database.exec('ROLLBACK'),
    intake: (collection, file) => createIntake(database, collection, { use: uses.get(collection)!, file }),
    note: (report) => void note.run({ ...report }),
    keptOf: (file) => known.get(file) as FileReport | undefined,
    noteFault(report, fault) {
      database.prepare('UPDATE "$files" SET fault = ? WHERE file = ?').run(fault, report.file);
      return { ...report, fault };
    },
    keepOnly(files) {
      const kept = JSON.stringify(files);
      database.exec('BEGIN');
      for (const table of tables)
        database
          .prepare(`DELETE FROM ${quote(table)} WHERE ${fileColumn(table)} NOT IN (SELECT value FROM json_each(?))`)
          .run(kept);
      database.exec('COMMIT');
    },
  };
}

function fileColumn(table: string): string {
  return table === '$aside' || table === '$files' ? 'file' : '"$file"';
}

function createIntake(
  database: DatabaseSync,
  collection: string,
  { use, file }: { use: CollectionUse; file: string },
): RowIntake {
  const reader = new RowReader(use);
  const insert = database.prepare(
    `INSERT OR IGNORE INTO ${quote(collection)} VALUES (?, ?, ?${', ?'.repeat(reader.columns.length)})`,
  );
  const list = asideList(database, file);
  const readAt = Date.now();
  let rowsKept = 0;
  let duplicates = 0;
  return {
    columns: reader.columns,
    add(values, line) {
      const read = reader.read(values);
      if ('refusal' in read) return list.add(line, read.refusal, false);
      for (const misfit of read.misfits) list.add(line, misfit, true);
      if (insert.run(file, line, readAt, ...read.row).changes === 1) return void (rowsKept += 1);
      duplicates += 1;
      list.add(
        line,
        `another row has the same ${use.keys.map((key) => key.join(' and ')).join(', or the same ')}`,
        false,
      );
    },
    putAside: (line, reason) => list.add(line, reason, false),
    clear() {
      database.prepare(`DELETE FROM ${quote(collection)} WHERE "$file" = ?`).run(file);
      list.clear();
      [rowsKept, duplicates] = [0, 0];
    },
    counts: () => ({ rowsKept, rowsAside: list.aside() }),
    hasDuplicates: () => duplicates > 0,
  };
}

/** What was wrong in a file: each row that was put aside, and each value that does not fit. */
function asideList(database: DatabaseSync, file: string) {
  const insert: StatementSync = database.prepare('INSERT INTO "$aside" VALUES (?, ?, ?, ?)');
  let listed = 0;
  let aside = 0;
  return {
    add(line: number, reason: string, isKept: boolean): void {
      aside += isKept ? 0 : 1;
      listed += 1;
      if (listed <= MAX_LISTED) insert.run(file, line, reason, isKept ? 1 : 0);
    },
    clear(): void {
      database.prepare('DELETE FROM "$aside" WHERE file = ?').run(file);
      [listed, aside] = [0, 0];
    },
    aside: () => aside,
  };
}
