import { Pool, type QueryResultRow } from 'pg';
import { systemUnavailable } from './faults.ts';
import { StartError } from './program.ts';
import type { Environment } from './settings.ts';

/** A department's own tables in PostgreSQL. */
export interface DepartmentDatabase {
  /**
   * Runs one statement.
   * @throws GraphQLError SYSTEM_UNAVAILABLE when no answer comes in time, or too many statements wait already
   */
  query<Row extends QueryResultRow>(text: string, values: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  databaseUrl: string;
  /** For one statement, and for making a connection. */
  timeoutMs: number;
  /** The department's name: the server's administrators see it beside each connection. */
  department: string;
  /** What the tables hold, as messages call it: `enterprise register`. */
  holds: string;
  /** One of the tables, with its schema: where it is missing nobody has filled the database. */
  table: `${string}.${string}`;
}

/** What the server is given less than the caller: only a server that no longer speaks runs into the caller's limit. */
const ANSWER_GRACE_MS = 250;
const MAX_CONNECTIONS = 8;
/** Statements that wait for a connection; beyond it a request is refused instead of queued. */
const MAX_WAITING = 200;
/** "Undefined table": the server answers, what it should hold is missing. */
const UNDEFINED_TABLE = '42P01';

/**
 * Opens a department's database.
 * @throws StartError when the server cannot be reached or lacks the table
 */
export async function openDatabase(options: DatabaseOptions): Promise<DepartmentDatabase> {
  const pool = createPool(options);
  await checkTable(pool, options);
  return {
    async query<Row extends QueryResultRow>(text: string, values: unknown[]) {
      if (pool.waitingCount >= MAX_WAITING) {
        throw systemUnavailable(`The ${options.holds} has too many requests waiting; try again.`);
      }
      try {
        const { rows } = await pool.query<Row>(text, values);
        return rows;
      } catch (error) {
        throw systemUnavailable(`The ${options.holds} did not answer.`, error);
      }
    },
    close: () => pool.end(),
  };
}

/**
 * Reads `DATABASE_URL`.
 * @throws StartError when it is missing
 */
export function readDatabaseUrl(env: Environment): string {
  const databaseUrl = env['DATABASE_URL'];
  if (databaseUrl) return databaseUrl;
  throw new StartError('DATABASE_URL is not set; it must be a postgres:// URL');
}

function createPool({ databaseUrl, timeoutMs, department }: DatabaseOptions): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + ANSWER_GRACE_MS,
    application_name: department,
  });
  // A connection lost while idle says so here, and would end the process if nobody listened; the pool has dropped it already.
  pool.on('error', () => {});
  return pool;
}

async function checkTable(pool: Pool, { table, holds }: DatabaseOptions): Promise<void> {
  try {
    await pool.query(`select 1 from ${table} limit 1`);
  } catch (error) {
    await pool.end();
    // Where a host name has several addresses, the error of all of them together has a code and no message.
    const { code, message } = error as Error & { code?: string };
    if (code === UNDEFINED_TABLE) throw new StartError(`the database holds no ${holds}; npm start fills one`);
    throw new StartError(`PostgreSQL does not let us in (${message || code}); check DATABASE_URL`);
  }
}
