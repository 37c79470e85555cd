import { Client } from 'pg';
import { StartError } from '../../subgraphs/kit/program.ts';

export interface PostgresSeed {
  /** A `postgres://` URL whose user may create schemas. */
  databaseUrl: string;
  /** What is filled, as messages call it: `market register`. */
  fills: string;
  /** Any number, the same for every seeding of one schema: two at once take turns. */
  advisoryLock: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 60_000;

/**
 * Fills a system's tables in one transaction.
 * @throws StartError when the server cannot be reached; what `fill` throws, after everything it did was undone
 */
export async function fillPostgres<T>(seed: PostgresSeed, fill: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(seed);
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [seed.advisoryLock]);
    const filled = await fill(client);
    await client.query('commit');
    return filled;
  } finally {
    await client.end();
  }
}

async function connect({ databaseUrl, fills }: PostgresSeed): Promise<Client> {
  const client = new Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: `seed of the ${fills}`,
  });
  try {
    await client.connect();
  } catch (error) {
    // Where a host name has several addresses, the error of all of them together has a code and no message.
    const { message, code } = error as Error & { code?: string };
    throw new StartError(`${fills}: PostgreSQL does not let us in (${message || code}); check DATABASE_URL`);
  }
  return client;
}
