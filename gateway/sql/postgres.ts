import pg from 'pg';
import type { SqlDatabase, SqlOptions } from './database.ts';

/** A PostgreSQL. No connection is made before it is needed. */
export function openPostgresDatabase(url: string, { timeoutMs, applicationName }: SqlOptions): SqlDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs,
    application_name: applicationName,
  });
  // A connection that is lost while nobody uses it: the next query gets another one, or says why not.
  pool.on('error', () => undefined);
  const { hostname, port, pathname } = new URL(url);
  return {
    description: `PostgreSQL ${hostname}:${port || '5432'}${pathname}`,
    async query(sql, parameters) {
      return (await pool.query<Record<string, unknown>>(sql, [...parameters])).rows;
    },
    close: () => pool.end(),
  };
}
