import type { GraphQLError } from 'graphql';
import { Pool, types, type PoolClient } from 'pg';
import { systemUnavailable } from '../kit/faults.ts';
import { StartError } from '../kit/program.ts';
import { readStatements, TABLES } from './tables.ts';
import type { AnalysisStore, Query, SqlRow } from './store.ts';

export interface PostgresStoreSettings {
  databaseUrl: string;
  /** For one statement of a client, and for making a connection. */
  timeoutMs: number;
  /** For one statement of what is done alone, such as a rule over everything. */
  ruleTimeoutMs: number;
}

const SCHEMA = 'analysis';
const FUSE = readStatements('fuse.postgres');
/** Whoever does something alone holds it, in whatever process. */
const ADVISORY_LOCK = 4_117_004_117;
/** More than clients ask at once; beyond it requests wait for a connection, and then are refused. */
const MAX_CONNECTIONS = 8;

/**
 * The department's tables in the schema `analysis` of a PostgreSQL database; made where they are not there.
 * @throws StartError where the server does not let us in, or its tables are others
 */
export async function openPostgresStore(settings: PostgresStoreSettings): Promise<AnalysisStore> {
  const { databaseUrl, timeoutMs, ruleTimeoutMs } = settings;
  const pool = new Pool({
    connectionString: databaseUrl,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    application_name: 'analysis',
    options: `-c search_path=${SCHEMA}`,
    types: { getTypeParser: parserOf },
  });
  // A connection lost while idle says so here, and would end the process if nobody listened; the pool has dropped it already.
  pool.on('error', () => {});
  const store = new PostgresStore(pool, ruleTimeoutMs);
  try {
    await store.makeTables();
    return store;
  } catch (error) {
    await pool.end();
    const { message, code } = ((error as GraphQLError).originalError ?? error) as Error & { code?: string };
    throw new StartError(
      `the tables of ${SCHEMA} cannot be made in PostgreSQL (${message || code}); check DATABASE_URL`,
    );
  }
}

class PostgresStore implements AnalysisStore {
  readonly #pool: Pool;
  readonly #ruleTimeoutMs: number;
  readonly query: Query;

  constructor(pool: Pool, ruleTimeoutMs: number) {
    this.#pool = pool;
    this.#ruleTimeoutMs = ruleTimeoutMs;
    this.query = queryOf(pool);
  }

  makeTables(): Promise<void> {
    return this.#transaction(async (query) => {
      await query(`create schema if not exists ${SCHEMA}`);
      for (const statements of TABLES) await query(statements);
    });
  }

  fuse(): Promise<void> {
    return this.#transaction(async (query) => void (await query(FUSE)));
  }

  async alone<Result>(work: (query: Query) => Promise<Result>): Promise<Result> {
    return this.#transaction(work);
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #transaction<Result>(work: (query: Query) => Promise<Result>): Promise<Result> {
    const client = await this.#connect();
    const query = queryOf(client);
    let failed: Error | undefined;
    try {
      await query('begin');
      await query(`set local statement_timeout = ${this.#ruleTimeoutMs}`);
      await query(`select pg_advisory_xact_lock(${ADVISORY_LOCK})`);
      const result = await work(query);
      await query('commit');
      return result;
    } catch (error) {
      failed = error as Error;
      throw error;
    } finally {
      // A connection in the middle of a transaction is no use to the next.
      client.release(failed);
    }
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw unavailable(error);
    }
  }
}

function queryOf(connection: Pool | PoolClient): Query {
  return async <Row = SqlRow>(statement: string, values: readonly unknown[] = []) => {
    try {
      // Without values several statements may come as one text.
      const result =
        values.length > 0 ? await connection.query(statement, [...values]) : await connection.query(statement);
      return result.rows as Row[];
    } catch (error) {
      throw unavailable(error);
    }
  };
}

function unavailable(error: unknown): Error {
  return systemUnavailable('The tables of the analysis department did not answer.', error);
}

function parserOf(id: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (id === types.builtins.INT8 || id === types.builtins.NUMERIC) return Number;
  return types.getTypeParser(id, format) as (text: string) => unknown;
}
