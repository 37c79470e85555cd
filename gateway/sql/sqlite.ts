import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SqlDatabase, SqlOptions, SqlRow, SqlStatement } from './database.ts';

/** Statements that are kept prepared: those with lists of values differ by the lists' lengths. */
const MAX_STATEMENTS = 200;

/**
 * An SQLite file. A statement is done before it returns.
 *
 * @throws SQLite's errors
 */
export function openSqliteDatabase(file: string, { timeoutMs, isDurable }: SqlOptions): SqlDatabase {
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  const database = new DatabaseSync(file, { timeout: timeoutMs });
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${isDurable ? 'FULL' : 'NORMAL'};`);
  const statements = new Map<string, StatementSync>();
  const run = ({ sql, parameters }: SqlStatement): SqlRow[] => {
    let statement = statements.get(sql);
    if (!statement) {
      if (statements.size >= MAX_STATEMENTS) statements.clear();
      statements.set(sql, (statement = database.prepare(sql.replaceAll(/\$\d+/g, '?'))));
    }
    return statement.all(...parameters);
  };
  return {
    description: `SQLite ${file}`,
    dialect: 'SQLite',
    async query(sql, parameters) {
      return run({ sql, parameters });
    },
    // Without a wait in between, so that nobody else's statement gets into it.
    async transaction([first, ...others]) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const rows = run(first!);
        if (rows.length > 0) for (const statement of others) run(statement);
        database.exec(rows.length > 0 ? 'COMMIT' : 'ROLLBACK');
        return rows.length > 0 ? rows : undefined;
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    async close() {
      database.close();
    },
  };
}
