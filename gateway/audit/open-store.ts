import type { StoreOptions, TrailStore } from './store.ts';

/**
 * Opens the store at a PostgreSQL address or in an SQLite file; makes what is missing.
 *
 * @throws the database's errors
 */
export async function openStore(place: string, options: StoreOptions): Promise<TrailStore> {
  if (isPostgresUrl(place)) return (await import('./postgres-store.ts')).openPostgresStore(place, options);
  return (await import('./sqlite-store.ts')).openSqliteStore(place, options);
}

function isPostgresUrl(place: string): boolean {
  return /^postgres(ql)?:\/\//.test(place);
}
