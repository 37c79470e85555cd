import { openDatabase } from '../kit/postgres.ts';

/** A row of `public_security.person`, under the names the graph uses. */
export interface PersonRow {
  pid: string;
  name: string;
  /** `YYYY-MM-DD`. */
  birthDate: string;
  idNumber: string;
  address: string;
  synthetic: boolean;
}

/** The register of persons. Each question is one statement, and may fail with `SYSTEM_UNAVAILABLE`. */
export interface Persons {
  /** The persons among these numbers that are registered, in no order. */
  byPid(pids: readonly string[]): Promise<PersonRow[]>;
  close(): Promise<void>;
}

/**
 * Opens the register's database.
 *
 * @param timeoutMs for one statement, and for making a connection
 * @throws StartError when the server cannot be reached or holds no register
 */
export async function openPersons(databaseUrl: string, timeoutMs: number): Promise<Persons> {
  const { query, close } = await openDatabase({
    databaseUrl,
    timeoutMs,
    department: 'public-security',
    holds: 'register of persons',
    table: 'public_security.person',
  });
  return {
    byPid: (pids) =>
      query(
        `select pid, name, to_char(birth_date, 'YYYY-MM-DD') as "birthDate", id_number as "idNumber", address, synthetic
         from public_security.person where pid = any($1)`,
        [pids],
      ),
    close,
  };
}
