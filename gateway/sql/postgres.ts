import pg from 'pg';
import type { SqlDatabase, SqlOptions, SqlRow, SqlStatement } from './database.ts';

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
    dialect: 'PostgreSQL',
    async query(sql, parameters) {
      return (await pool.query<SqlRow>(sql, [...parameters])).rows;
    },
    async transaction(statements) {
      const client = await pool.connect();
      // One that is lost between two statements makes the next one fail.
      client.on('error', ignore);
      try {
        const rows = await runAll(client, statements);
        client.off('error', ignore);
        client.release();
        return rows;
      } catch (error) {
        client.off('error', ignore);
        // Nobody knows what state it is in.
        client.release(true);
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

function ignore(): void {}

async function runAll(
  client: pg.PoolClient,
  [first, ...others]: readonly SqlStatement[],
): Promise<SqlRow[] | undefined> {
  await client.query('BEGIN');
  const { rows } = await client.query<SqlRow>(first!.sql, [...first!.parameters]);
  if (rows.length > 0) for (const { sql, parameters } of others) await client.query(sql, [...parameters]);
  await client.query(rows.length > 0 ? 'COMMIT' : 'ROLLBACK');
  return rows.length > 0 ? rows : undefined;
}
