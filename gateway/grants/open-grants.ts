import type { Config } from '../config.ts';
import { Grants, type GrantRules } from './grants.ts';
import { openSqlStore } from './sql-store.ts';

/**
 * Opens grants at a PostgreSQL address or in an SQLite file; makes what is missing.
 *
 * @param onProblem told when they can no longer be read, and with undefined when they can again
 * @throws the database's errors
 */
export async function openGrants(
  { store, timeoutMs, readEveryMs }: Config['grants'],
  rules: () => GrantRules | undefined,
  onProblem: (problem: unknown) => void,
): Promise<Grants> {
  const database = /^postgres(ql)?:\/\//.test(store)
    ? (await import('./postgres-database.ts')).openPostgresDatabase(store, timeoutMs)
    : (await import('./sqlite-database.ts')).openSqliteDatabase(store, timeoutMs);
  try {
    const grants = new Grants(await openSqlStore(database), rules);
    await grants.start(readEveryMs, onProblem);
    return grants;
  } catch (error) {
    await database.close();
    throw error;
  }
}
