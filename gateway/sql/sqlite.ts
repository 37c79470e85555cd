import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SqlDatabase, SqlOptions } from './database.ts';

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
  return {
    description: `SQLite ${file}`,
    async query(sql, parameters) {
      let statement = statements.get(sql);
      if (!statement) statements.set(sql, (statement = database.prepare(sql.replaceAll(/\$\d+/g, '?'))));
      return statement.all(...parameters);
    },
    async close() {
      database.close();
    },
  };
}
