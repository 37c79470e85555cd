import { Client } from 'pg';
import { inject } from 'vitest';
import { createDatabase } from './services.ts';

/** An empty database of a test's own, to be closed like everything else a test opens. */
export async function emptyDatabase(): Promise<{ url: string; close(): Promise<void> }> {
  const { url, drop } = await createDatabase(inject('databaseUrl'));
  return { url, close: drop };
}

/** A connection for a test to look into a database or to stand in a department's way. */
export async function connectTo(url: string): Promise<Client & { close(): Promise<void> }> {
  const client = new Client({ connectionString: url });
  // Dropping a test's database ends what is still connected to it.
  client.on('error', () => {});
  await client.connect();
  return Object.assign(client, { close: () => client.end() });
}
