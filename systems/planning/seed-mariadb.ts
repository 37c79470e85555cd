import mysql, { type Connection } from 'mysql2/promise';
import { StartError } from '../../subgraphs/kit/program.ts';
import type { ParcelRecord } from '../city/records.ts';
import { HOLDER_INDEX, PARCEL_TABLE, parcelRow } from './seed.ts';

const CONNECT_TIMEOUT_MS = 5_000;
/** Parcels in one statement. */
const ROWS_PER_STATEMENT = 1_000;
const MARK = 'CREATE TABLE IF NOT EXISTS parcel_made_from (fingerprint VARCHAR(64) NOT NULL)';

/**
 * Fills the book of land in a MariaDB. A book made from the same fingerprint is kept; another one that a seed made is replaced.
 *
 * @param url a `mysql://` URL that ends in a database whose user may make tables
 * @throws StartError where the server does not let us in
 */
export async function seedPlanningInMariaDb(
  url: string,
  parcels: readonly ParcelRecord[],
  fingerprint: string,
): Promise<{ /** Parcels in the book. */ parcels: number }> {
  await withConnection(url, async (connection) => {
    const known = await readMark(connection);
    if (known === fingerprint) return;
    // Only a table that a seed made is dropped: where its mark is missing, somebody else's stands, and creating fails.
    if (known !== undefined) await connection.query('DROP TABLE parcel');
    await connection.query('DROP TABLE IF EXISTS parcel_made_from');
    await connection.query(`${PARCEL_TABLE} CHARACTER SET utf8mb4`);
    await connection.query(HOLDER_INDEX);
    for (let at = 0; at < parcels.length; at += ROWS_PER_STATEMENT)
      await connection.query('INSERT INTO parcel VALUES ?', [
        parcels.slice(at, at + ROWS_PER_STATEMENT).map(parcelRow),
      ]);
    await connection.query(MARK);
    await connection.query('INSERT INTO parcel_made_from VALUES (?)', [fingerprint]);
  });
  return { parcels: parcels.length };
}

/** What the book was made from; undefined where none stands. @throws StartError where the server does not let us in */
export function planningMadeFrom(url: string): Promise<string | undefined> {
  return withConnection(url, readMark);
}

async function readMark(connection: Connection): Promise<string | undefined> {
  const [tables] = await connection.query("SHOW TABLES LIKE 'parcel_made_from'");
  if ((tables as unknown[]).length === 0) return undefined;
  const [rows] = await connection.query('SELECT fingerprint FROM parcel_made_from');
  return (rows as { fingerprint: string }[])[0]?.fingerprint ?? '';
}

async function withConnection<T>(url: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connect(url);
  try {
    return await use(connection);
  } finally {
    await connection.end();
  }
}

async function connect(url: string): Promise<Connection> {
  try {
    return await mysql.createConnection({ uri: url, charset: 'utf8mb4', connectTimeout: CONNECT_TIMEOUT_MS });
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    throw new StartError(`book of land: MariaDB does not let us in (${message || code}); check MARIADB_URL`);
  }
}
