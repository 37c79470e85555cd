import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Conversion } from '../manifest/conversions.ts';
import { Misfit } from '../misfit.ts';
import { textOf, type SourceValue } from '../record-source.ts';
import type { CollectionUse } from '../source-kind.ts';
import { TypedTime } from './typed-time.ts';

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

/** Makes the tables, each with an index for every way in which its rows are looked for. */
export function createTables(path: string, uses: ReadonlyMap<string, CollectionUse>): ImportTables {
  const database = new DatabaseSync(path);
  // What is lost with the machine is read again. The keys of a million rows come in no order: 32 MB of them at hand take a third off the time.
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32000;',
  );
  database.exec(OWN_TABLES);
  for (const [collection, use] of uses) database.exec(tableText(collection, use));
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

function tableText(collection: string, { columns, keys, sought }: CollectionUse): string {
  const table = quote(collection);
  const isKey = (column: string): boolean => keys.some((key) => key.includes(column));
  const definitions = ownColumns(columns).map(
    // A number must not be made a text again by its column, nor a text a number: `007` is a key.
    ([column, conversion]) => `${quote(column)} ${conversion ? 'BLOB' : 'TEXT'}${isKey(column) ? ' NOT NULL' : ''}`,
  );
  const index = (key: readonly string[], unique: string): string =>
    `CREATE ${unique} INDEX ${quote(`${collection} ${key.join(' ')}`)} ON ${table} (${key.map(quote).join(', ')});`;
  const others = sought.filter((set) => !keys.some((key) => JSON.stringify(key) === JSON.stringify(set)));
  return [
    `CREATE TABLE ${table} ("$file" TEXT NOT NULL, "$line" INTEGER NOT NULL, "$readAt" INTEGER NOT NULL${definitions.map((each) => `, ${each}`).join('')});`,
    `CREATE INDEX ${quote(`${collection} of file`)} ON ${table} ("$file");`,
    ...keys.map((key) => index(key, 'UNIQUE')),
    ...others.map((set) => index(set, '')),
  ].join('\n');
}

function ownColumns(columns: CollectionUse['columns']): [string, Conversion | undefined][] {
  return [...columns].filter(([column]) => !column.startsWith('$'));
}

function createIntake(
  database: DatabaseSync,
  collection: string,
  { use, file }: { use: CollectionUse; file: string },
): RowIntake {
  const columns = ownColumns(use.columns);
  const names = columns.map(([column]) => column);
  const insert = database.prepare(
    `INSERT OR IGNORE INTO ${quote(collection)} VALUES (?, ?, ?${', ?'.repeat(columns.length)})`,
  );
  const list = asideList(database, file);
  const readAt = Date.now();
  const keyColumns = [...new Set(use.keys.flat())].map((column) => ({ column, at: names.indexOf(column) }));
  let rowsKept = 0;
  let duplicates = 0;
  return {
    columns: names,
    add(values, line) {
      const read = columns.map(([column, conversion], at) =>
        readCell(values[at] ?? null, { conversion, isStructure: use.structures.has(column) }),
      );
      const misfits = read.flatMap((value, at) => (value instanceof Misfit ? [{ at, mustBe: value.mustBe }] : []));
      const spoilt = misfits.find(({ at }) => keyColumns.some((key) => key.at === at));
      if (spoilt) return list.add(line, `${names[spoilt.at]} must be ${spoilt.mustBe}, and is the key`, false);
      for (const { at, mustBe } of misfits) list.add(line, `${names[at]} must be ${mustBe}`, true);
      // Bytes fit no type: whoever asks for the value is told that it does not fit, and the row is not lost.
      const row = read.map((value, at) => (value instanceof Misfit ? bytesOf(values[at]!) : value));
      const empty = keyColumns.find(({ at }) => row[at] === null);
      if (empty) return list.add(line, `${empty.column} is empty, and is the key`, false);
      if (insert.run(file, line, readAt, ...row).changes === 1) return void (rowsKept += 1);
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

const PLAIN = new Misfit('a single value');

/** A value as it is kept. Lists and objects lie as JSON in columns of such, and fit no other. */
function readCell(
  value: SourceValue | TypedTime,
  { conversion, isStructure }: { conversion: Conversion | undefined; isStructure: boolean },
): string | number | bigint | null | Misfit {
  if (value === null) return null;
  if (value instanceof Misfit) return value;
  if (value instanceof TypedTime) return readTime(value, conversion);
  if (isStructure) return JSON.stringify(value);
  if (typeof value === 'object') return PLAIN;
  if (!conversion) return String(value);
  const converted = conversion.read(value);
  if (converted instanceof Misfit || converted === null) return converted;
  return toSqlite(converted);
}

function readTime({ iso }: TypedTime, conversion: Conversion | undefined): string | Misfit {
  if (!conversion) return iso;
  return conversion.readTime?.(iso) ?? (conversion.read(iso) as string | Misfit);
}

function bytesOf(value: SourceValue | TypedTime): Buffer {
  if (value instanceof Misfit) return Buffer.alloc(0);
  return Buffer.from(value instanceof TypedTime ? value.iso : textOf(value));
}

function toSqlite(value: Exclude<SourceValue, null>): string | number | bigint {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'object' ? textOf(value) : value;
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

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
