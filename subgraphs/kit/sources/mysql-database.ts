import type { FieldPacket, Pool, PoolConnection, RowDataPacket } from 'mysql2/promise';
import { systemUnavailable } from '../faults.ts';
import { StartError } from '../program.ts';
import type { SourceRow, SourceValue } from '../record-source.ts';
import { readColumns, type MysqlColumn } from './mysql-values.ts';

/** A department's own tables in MySQL or MariaDB. */
export interface MysqlDatabase {
  /**
   * Runs one statement.
   * @throws GraphQLError SYSTEM_UNAVAILABLE when no answer comes in time, or too many statements wait already
   */
  query(text: string, values: readonly SourceValue[]): Promise<SourceRow[]>;
  /**
   * The columns that a statement without values would give.
   * @throws StartError with the server's own words, which may name what is not there
   */
  columnsOf(text: string): Promise<MysqlColumn[]>;
  close(): Promise<void>;
}

export interface MysqlOptions {
  databaseUrl: string;
  /** For one statement, and for making a connection. */
  timeoutMs: number;
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
/** Statements that each connection keeps prepared. */
const MAX_PREPARED = 200;

/**
 * Opens a department's database.
 * @throws StartError when the server cannot be reached, or the address names no database
 */
export async function openMysql(options: MysqlOptions): Promise<MysqlDatabase> {
  // Only a department of this kind pays for the driver.
  const driver = await import('mysql2/promise');
  const pool = createPool(driver, options);
  await checkServer(pool, options);
  const { timeoutMs, holds } = options;
  const typed = (value: SourceValue): unknown => toDriver(driver, value);
  return {
    async query(text, values) {
      try {
        const [rows, fields] = await run(pool, timeoutMs, { text, values: values.map(typed) });
        return readColumns(fields, rows);
      } catch (error) {
        const isFull = (error as Error).message === 'Queue limit reached.';
        const reason = isFull ? 'has too many requests waiting; try again' : 'did not answer';
        throw systemUnavailable(`The ${holds} ${reason}.`, error);
      }
    },
    async columnsOf(text) {
      try {
        const [, fields] = await run(pool, timeoutMs, { text, values: [] });
        return fields;
      } catch (error) {
        throw new StartError((error as Error).message);
      }
    },
    close: () => pool.end(),
  };
}

type Driver = typeof import('mysql2/promise');

function createPool(driver: Driver, { databaseUrl, timeoutMs }: MysqlOptions): Pool {
  const pool = driver.createPool({
    uri: databaseUrl,
    connectionLimit: MAX_CONNECTIONS,
    queueLimit: MAX_WAITING,
    connectTimeout: timeoutMs,
    maxPreparedStatements: MAX_PREPARED,
    charset: 'utf8mb4',
    multipleStatements: false,
    // Days and times stay what they say, and whole numbers exact.
    dateStrings: true,
    supportBigNumbers: true,
  });
  // The first thing that a connection is asked, and without an answer that anybody waits for: what is wrong with it, the next one says.
  pool.pool.on('connection', (connection) => {
    connection.query(
      `SET SESSION time_zone = '+00:00', sql_mode = REPLACE(REPLACE(@@sql_mode, 'NO_ZERO_IN_DATE', ''), 'NO_ZERO_DATE', '')`,
      () => {},
    );
    connection.query('SET SESSION TRANSACTION READ ONLY', () => {});
    // MariaDB counts seconds, MySQL milliseconds, and each refuses the other's name.
    connection.query(`SET SESSION max_statement_time = ${timeoutMs / 1_000}`, () => {});
    connection.query(`SET SESSION max_execution_time = ${timeoutMs}`, () => {});
  });
  return pool;
}

/** Runs a statement, within its time: a connection that does not answer is given up, and so is the wait for one. */
async function run(
  pool: Pool,
  timeoutMs: number,
  { text, values }: { text: string; values: readonly unknown[] },
): Promise<[RowDataPacket[], FieldPacket[]]> {
  const connection = await connect(pool, timeoutMs);
  try {
    const answer = await connection.execute<RowDataPacket[]>({
      sql: text,
      values: [...values] as never,
      timeout: timeoutMs + ANSWER_GRACE_MS,
    });
    connection.release();
    return answer;
  } catch (error) {
    // A statement that the server refused leaves the connection as it was; of any other nobody knows.
    if ((error as { sqlState?: string }).sqlState) connection.release();
    else connection.destroy();
    throw error;
  }
}

async function connect(pool: Pool, timeoutMs: number): Promise<PoolConnection> {
  const waiting = pool.getConnection();
  let timer: NodeJS.Timeout;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      void waiting.then((connection) => connection.release()).catch(() => {});
      reject(new Error('no connection came free'));
    }, timeoutMs);
  });
  return Promise.race([waiting, over]).finally(() => clearTimeout(timer));
}

async function checkServer(pool: Pool, { setting, timeoutMs }: MysqlOptions): Promise<void> {
  let database: unknown;
  try {
    const [rows] = await run(pool, timeoutMs, { text: 'SELECT database() AS name', values: [] });
    database = rows[0]?.['name'];
  } catch (error) {
    await pool.end();
    // Where a host name has several addresses, the error of all of them together has a code and no message.
    const { code, message } = error as Error & { code?: string };
    throw new StartError(`the MySQL or MariaDB server does not let us in (${message || code}); check ${setting}`);
  }
  if (typeof database === 'string') return;
  await pool.end();
  throw new StartError(`${setting} names no database; it must end in one: mysql://user:password@host:3306/database`);
}

/** Whole numbers go as such: the driver would send doubles, which compare with texts and with long numbers in a way of their own. */
function toDriver({ TypedParameter: { LONGLONG } }: Driver, value: SourceValue): unknown {
  if (typeof value === 'bigint') return value < 2n ** 63n ? LONGLONG(value) : LONGLONG.unsigned(value);
  if (Number.isSafeInteger(value)) return LONGLONG(value as number);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
