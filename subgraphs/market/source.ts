import { Pool, type QueryResultRow } from 'pg';
import { systemUnavailable } from '../kit/faults.ts';
import { StartError } from '../kit/program.ts';

/** A row of `market.enterprise`, under the names the graph uses. */
export interface EnterpriseRow {
  uscc: string;
  regNo: string;
  name: string;
  status: string;
  industry: string | null;
  registeredCapitalCny: number | null;
  registeredAddress: string | null;
  /** `YYYY-MM-DD`. */
  establishedOn: string | null;
  legalRepresentativePid: string | null;
  synthetic: boolean;
}

/** A row of `market.shareholder`. */
export interface ShareholderRow {
  enterpriseUscc: string;
  name: string;
  sharePercent: number;
  holderUscc: string | null;
}

/** Which enterprises to list. */
export interface EnterpriseRange {
  first: number;
  /** The code after which to go on. */
  after: string | null;
  status: string | null;
  /** A part of the name, in any case. */
  name: string | null;
}

/** The enterprise register. Every question is one statement; each may fail with `SYSTEM_UNAVAILABLE`. */
export interface Register {
  /** The enterprises among these credit codes that are registered, in no order. */
  enterprisesByUscc(usccs: readonly string[]): Promise<EnterpriseRow[]>;
  /** The enterprises among these old numbers that are registered, in no order. */
  enterprisesByRegNo(regNos: readonly string[]): Promise<EnterpriseRow[]>;
  /** The shareholders of these enterprises, in the register's order. */
  shareholdersOf(usccs: readonly string[]): Promise<ShareholderRow[]>;
  /** Enterprises by credit code. */
  listEnterprises(range: EnterpriseRange): Promise<EnterpriseRow[]>;
  close(): Promise<void>;
}

/** What the server is given less than the caller: only a server that no longer speaks runs into the caller's limit. */
const ANSWER_GRACE_MS = 250;
const MAX_CONNECTIONS = 8;
/** Statements that wait for a connection; beyond it a request is refused instead of queued. */
const MAX_WAITING = 200;

const ENTERPRISE_COLUMNS = `uscc, reg_no as "regNo", name, status, industry,
  registered_capital_cny::float8 as "registeredCapitalCny", registered_address as "registeredAddress",
  to_char(established_on, 'YYYY-MM-DD') as "establishedOn", legal_representative_pid as "legalRepresentativePid", synthetic`;

/**
 * Opens the register's database.
 *
 * @param timeoutMs for one statement, and for making a connection
 * @throws StartError when the server cannot be reached or holds no register
 */
export async function openRegister(databaseUrl: string, timeoutMs: number): Promise<Register> {
  const pool = createPool(databaseUrl, timeoutMs);
  await checkRegister(pool);
  const ask = <Row extends QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> =>
    query(pool, text, values);
  return {
    enterprisesByUscc: (usccs) =>
      ask(`select ${ENTERPRISE_COLUMNS} from market.enterprise where uscc = any($1)`, [usccs]),
    enterprisesByRegNo: (regNos) =>
      ask(`select ${ENTERPRISE_COLUMNS} from market.enterprise where reg_no = any($1)`, [regNos]),
    shareholdersOf: (usccs) =>
      ask(
        `select enterprise_uscc as "enterpriseUscc", name, share_percent::float8 as "sharePercent",
           holder_uscc as "holderUscc"
         from market.shareholder where enterprise_uscc = any($1) order by enterprise_uscc, place`,
        [usccs],
      ),
    listEnterprises: ({ first, after, status, name }) =>
      ask(
        `select ${ENTERPRISE_COLUMNS} from market.enterprise
         where ($2::text is null or uscc > $2) and ($3::text is null or status = $3)
           and ($4::text is null or strpos(lower(name), lower($4)) > 0)
         order by uscc limit $1`,
        [first, after, status, name],
      ),
    close: () => pool.end(),
  };
}

function createPool(databaseUrl: string, timeoutMs: number): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + ANSWER_GRACE_MS,
    application_name: 'market',
  });
  // A connection lost while idle says so here, and would end the process if nobody listened; the pool has dropped it already.
  pool.on('error', () => {});
  return pool;
}

async function checkRegister(pool: Pool): Promise<void> {
  try {
    await pool.query('select 1 from market.enterprise limit 1');
  } catch (error) {
    await pool.end();
    const { code, message } = error as Error & { code?: string };
    // "undefined table": the server answers, the register is missing.
    if (code === '42P01') throw new StartError('the database holds no enterprise register; npm start fills one');
    throw new StartError(`PostgreSQL does not let us in (${message || code}); check DATABASE_URL`);
  }
}

async function query<Row extends QueryResultRow>(pool: Pool, text: string, values: unknown[]): Promise<Row[]> {
  if (pool.waitingCount >= MAX_WAITING) {
    throw systemUnavailable('The enterprise register has too many requests waiting; try again.');
  }
  try {
    const { rows } = await pool.query<Row>(text, values);
    return rows;
  } catch (error) {
    throw systemUnavailable('The enterprise register did not answer.', error);
  }
}
