import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '../../subgraphs/kit/program.ts';

/** How a system's own SQLite file is made. */
export interface SqliteFileContent {
  /** The file; its folder is made when absent. */
  file: string;
  /** Stands for everything the file is made from: a file made from the same is kept as it is. */
  fingerprint: string;
  /** Creates the tables and fills them, inside one transaction. */
  fill(database: DatabaseSync): void;
}

/**
 * Makes a system's SQLite file, or keeps the one that stands when it was made from the same.
 * It is written aside and renamed whole, so that nobody ever opens half a file.
 *
 * @returns the open file, read-only; the caller closes it
 */
export function makeSqliteFile(content: SqliteFileContent): DatabaseSync {
  const standing = openIfMadeFrom(content.file, content.fingerprint);
  if (standing) return standing;
  mkdirSync(dirname(content.file), { recursive: true });
  const aside = `${content.file}.part`;
  rmSync(aside, { force: true });
  try {
    write(aside, content);
    renameSync(aside, content.file);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  return new DatabaseSync(content.file, { readOnly: true });
}

/**
 * Opens a system's SQLite file for reading.
 * @throws StartError when it does not exist or is not a SQLite file made by {@link makeSqliteFile}
 */
export function openSqliteFile(file: string): DatabaseSync {
  if (!existsSync(file)) throw new StartError(`${file} does not exist; npm start makes it`);
  const database = openQuietly(file);
  if (database && readFingerprint(database) !== null) return database;
  database?.close();
  throw new StartError(`${file} is not a store of this system; remove it, npm start makes it anew`);
}

function write(file: string, { fingerprint, fill }: SqliteFileContent): void {
  const database = new DatabaseSync(file);
  try {
    // A file that is only renamed into place when complete needs no journal of its own.
    database.exec('PRAGMA journal_mode = OFF; BEGIN; CREATE TABLE made_from (fingerprint TEXT NOT NULL) STRICT');
    database.prepare('INSERT INTO made_from VALUES (?)').run(fingerprint);
    fill(database);
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

function openIfMadeFrom(file: string, fingerprint: string): DatabaseSync | null {
  const database = existsSync(file) ? openQuietly(file) : null;
  if (database && readFingerprint(database) === fingerprint) return database;
  database?.close();
  return null;
}

function openQuietly(file: string): DatabaseSync | null {
  try {
    return new DatabaseSync(file, { readOnly: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SQLITE_ERROR') return null;
    throw error;
  }
}

function readFingerprint(database: DatabaseSync): string | null {
  try {
    const row = database.prepare('SELECT fingerprint FROM made_from').get();
    return typeof row?.['fingerprint'] === 'string' ? row['fingerprint'] : null;
  } catch {
    // Not SQLite, or made by something else: it is made anew, or refused.
    return null;
  }
}
