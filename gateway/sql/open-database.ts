import type { SqlDatabase, SqlOptions } from './database.ts';

/**
 * Opens a PostgreSQL address, or else an SQLite file; makes what is missing of that. No connection is made before it is needed, and
 * only the one that is opened is loaded.
 *
 * @throws the database's errors
 */
export async function openDatabase(store: string, options: SqlOptions): Promise<SqlDatabase> {
  return /^postgres(ql)?:\/\//.test(store)
    ? (await import('./postgres.ts')).openPostgresDatabase(store, options)
    : (await import('./sqlite.ts')).openSqliteDatabase(store, options);
}
