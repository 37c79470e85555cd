import type { Config } from '../config/config.ts';
import { openDatabase } from '../sql/open-database.ts';
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
  // What is not yet on the disk when the power fails is a few reads too few, and never a grant too many.
  const database = await openDatabase(store, { timeoutMs, applicationName: 'switchyard grants', isDurable: false });
  try {
    const grants = new Grants(await openSqlStore(database), rules);
    await grants.start(readEveryMs, onProblem);
    return grants;
  } catch (error) {
    await database.close();
    throw error;
  }
}
