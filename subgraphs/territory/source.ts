import { Pool, type QueryResultRow } from 'pg';
import { systemUnavailable } from '../kit/faults.ts';
import { StartError } from '../kit/program.ts';

/** A row of `territory.place`, under the names the graph uses. */
export interface PlaceRow {
  iso: string;
  name: string;
  nativeName: string;
  capital: string | null;
  continent: string;
  currencies: string[];
  languages: string[];
  callingCodes: string[];
}

/** A row of `territory.place_code`. */
export interface PlaceCodeRow {
  iso: string;
  system: string;
  code: string;
  method: string;
}

/** A code, and the system it belongs to. */
export interface SystemCode {
  system: string;
  code: string;
}

/** The territory registry. Every question is one statement; each may fail with `SYSTEM_UNAVAILABLE`. */
export interface Registry {
  /** The places among these codes that exist, in no order. */
  placesByIso(isoCodes: readonly string[]): Promise<PlaceRow[]>;
  /** The crosswalk's rows of these places, by system and code. */
  codesByIso(isoCodes: readonly string[]): Promise<PlaceCodeRow[]>;
  /** The places that these codes of other systems lead to, each with the code that led there, in no order. */
  placesByCode(codes: readonly SystemCode[]): Promise<(PlaceRow & SystemCode)[]>;
  /** Places by ISO code, after one of them, of one continent where it is given. */
  listPlaces(range: { first: number; after: string | null; continent: string | null }): Promise<PlaceRow[]>;
  close(): Promise<void>;
}

/** What the server is given less than the caller: only a server that no longer speaks runs into the caller's limit. */
const ANSWER_GRACE_MS = 250;
const MAX_CONNECTIONS = 8;
/** Statements that wait for a connection; beyond it a request is refused instead of queued. */
const MAX_WAITING = 200;

const PLACE_COLUMNS = `place.iso, place.name, place.native_name as "nativeName", place.capital, place.continent,
  place.currencies, place.languages, place.calling_codes as "callingCodes"`;

/**
 * Opens the registry's database.
 *
 * @param timeoutMs for one statement, and for making a connection
 * @throws StartError when the server cannot be reached or holds no registry
 */
export async function openRegistry(databaseUrl: string, timeoutMs: number): Promise<Registry> {
  const pool = createPool(databaseUrl, timeoutMs);
  await checkRegistry(pool);
  const ask = <Row extends QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> =>
    query(pool, text, values);
  return {
    placesByIso: (isoCodes) => ask(`select ${PLACE_COLUMNS} from territory.place where iso = any($1)`, [isoCodes]),
    codesByIso: (isoCodes) =>
      ask('select iso, system, code, method from territory.place_code where iso = any($1) order by system, code', [
        isoCodes,
      ]),
    placesByCode: (codes) =>
      ask(
        `select ${PLACE_COLUMNS}, system, code from territory.place_code join territory.place using (iso)
         where (system, code) in (select * from unnest($1::text[], $2::text[]))`,
        [codes.map(({ system }) => system), codes.map(({ code }) => code)],
      ),
    listPlaces: ({ first, after, continent }) =>
      ask(
        `select ${PLACE_COLUMNS} from territory.place
         where ($2::text is null or iso > $2) and ($3::text is null or continent = $3) order by iso limit $1`,
        [first, after, continent],
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
    application_name: 'territory',
  });
  // A connection lost while idle says so here, and would end the process if nobody listened; the pool has dropped it already.
  pool.on('error', () => {});
  return pool;
}

async function checkRegistry(pool: Pool): Promise<void> {
  try {
    await pool.query('select 1 from territory.place limit 1');
  } catch (error) {
    await pool.end();
    const { code, message } = error as Error & { code?: string };
    // "undefined table": the server answers, the registry is missing.
    if (code === '42P01') throw new StartError('the database holds no territory registry; npm start fills one');
    throw new StartError(`PostgreSQL does not let us in (${message || code}); check DATABASE_URL`);
  }
}

async function query<Row extends QueryResultRow>(pool: Pool, text: string, values: unknown[]): Promise<Row[]> {
  if (pool.waitingCount >= MAX_WAITING)
    throw systemUnavailable('The territory registry has too many requests waiting; try again.');
  try {
    const { rows } = await pool.query<Row>(text, values);
    return rows;
  } catch (error) {
    throw systemUnavailable('The territory registry did not answer.', error);
  }
}
