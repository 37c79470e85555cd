import { Pool, types, type CustomTypesConfig, type QueryResultRow } from 'pg';
import { systemUnavailable } from '../faults.ts';
import { StartError } from '../program.ts';

/** A department's own tables in PostgreSQL. */
export interface DepartmentDatabase {
  /**
   * Runs one statement.
   * @throws GraphQLError SYSTEM_UNAVAILABLE when no answer comes in time, or too many statements wait already
   */
  query<Row extends QueryResultRow>(text: string, values: unknown[]): Promise<Row[]>;
  /**
   * What a statement without values would give.
   * @throws StartError with the server's own words, which may name what is not there
   */
  columnsOf(text: string): Promise<{ name: string; typeId: number }[]>;
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
  /** What the address is called where it can be changed. */
  setting: string;
}

/** What the server is given less than the caller: only a server that no longer speaks runs into the caller's limit. */
const ANSWER_GRACE_MS = 250;
const MAX_CONNECTIONS = 8;
/** Statements that wait for a connection; beyond it a request is refused instead of queued. */
const MAX_WAITING = 200;

/**
 * Opens a department's database.
 * @throws StartError when the server cannot be reached
 */
export async function openDatabase(options: DatabaseOptions): Promise<DepartmentDatabase> {
  const pool = createPool(options);
  await checkServer(pool, options);
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
    async columnsOf(text) {
      try {
        const { fields } = await pool.query(text);
        return fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }));
      } catch (error) {
        throw new StartError((error as Error).message);
      }
    },
    close: () => pool.end(),
  };
}

function createPool({ databaseUrl, timeoutMs, department }: DatabaseOptions): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + ANSWER_GRACE_MS,
    application_name: department,
    types: VALUE_TYPES,
  });
  // A connection lost while idle says so here, and would end the process if nobody listened; the pool has dropped it already.
  pool.on('error', () => {});
  return pool;
}

async function checkServer(pool: Pool, { setting }: DatabaseOptions): Promise<void> {
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    // Where a host name has several addresses, the error of all of them together has a code and no message.
    const { code, message } = error as Error & { code?: string };
    throw new StartError(`PostgreSQL does not let us in (${message || code}); check ${setting}`);
  }
}

/**
 * Values as the graph has them: days and times as ISO 8601 writes them, whatever the machine's time zone; whole numbers beyond
 * doubles exact; decimals as texts.
 */
const VALUE_TYPES: CustomTypesConfig = {
  getTypeParser(id: number, format?: 'text' | 'binary'): (text: string) => unknown {
    if (id === types.builtins.DATE || id === types.builtins.NUMERIC) return (text) => text;
    if (id === types.builtins.TIMESTAMP) return (text) => text.replace(' ', 'T');
    if (id === types.builtins.TIMESTAMPTZ) return (text) => new Date(text).toISOString();
    if (id === types.builtins.INT8) return (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text));
    return types.getTypeParser(id, format) as (text: string) => unknown;
  },
};
