import { Pool, type PoolClient } from 'pg';
import { KEPT_DAYS, type DeliveryStore, type KnownDelivery } from './delivery-store.ts';

const MAKE_TABLE = `CREATE TABLE IF NOT EXISTS switchyard_deliveries
  (idempotency_key text PRIMARY KEY, digest text NOT NULL, rows integer NOT NULL, taken_at timestamptz NOT NULL DEFAULT now());
  CREATE INDEX IF NOT EXISTS switchyard_deliveries_taken_at ON switchyard_deliveries (taken_at)`;

/** A transaction of PostgreSQL, as `pg` has it. */
export interface PostgresTransaction {
  /** @param values in the order of `$1`, `$2`, … */
  query<Row>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[]; rowCount: number | null }>;
}

/**
 * Deliveries that are applied to a PostgreSQL, each in one transaction with its row in `switchyard_deliveries`, which is made where it
 * is missing. No connection is made before it is needed.
 *
 * @param timeoutMs what connecting may take, and a statement. Default: 30,000
 */
export function postgresDeliveries(databaseUrl: string, timeoutMs = 30_000): DeliveryStore<PostgresTransaction> {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: 4,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    application_name: 'deliveries',
  });
  // A connection that is lost while nobody uses it: the next one that is needed is made anew.
  pool.on('error', () => undefined);
  let made: Promise<unknown> | undefined;
  return {
    async takeOnce(delivery, apply) {
      await (made ??= makeTable(pool).catch((error: unknown) => {
        made = undefined;
        throw error;
      }));
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const known = await takeIn(transactionOf(client), delivery, apply);
        await client.query('COMMIT');
        client.release();
        return known;
      } catch (error) {
        // Ends the transaction, whatever state the connection is in.
        client.release(true);
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

/** Types of `pg` are of another package, which who uses the kit need not have. */
function transactionOf(client: PoolClient): PostgresTransaction {
  return {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      const { rows, rowCount } = await client.query(text, [...values]);
      return { rows: rows as Row[], rowCount };
    },
  };
}

async function makeTable(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    // Two that make a table at once get in each other's way, also where it is only made if it is not there.
    await client.query(`BEGIN; SELECT pg_advisory_xact_lock(hashtext('switchyard_deliveries')); ${MAKE_TABLE}; COMMIT`);
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** Whoever comes with the same key at the same time waits until the first one is done. */
async function takeIn(
  client: PostgresTransaction,
  { idempotencyKey, digest, rows }: Parameters<DeliveryStore<PostgresTransaction>['takeOnce']>[0],
  apply: (transaction: PostgresTransaction) => void | Promise<void>,
): Promise<KnownDelivery> {
  const inserted = await client.query<{ takenAt: Date }>(
    `INSERT INTO switchyard_deliveries (idempotency_key, digest, rows) VALUES ($1, $2, $3)
      ON CONFLICT DO NOTHING RETURNING taken_at AS "takenAt"`,
    [idempotencyKey, digest, rows],
  );
  const [taken] = inserted.rows;
  if (taken) {
    await apply(client);
    await client.query(`DELETE FROM switchyard_deliveries WHERE taken_at < now() - interval '${KEPT_DAYS} days'`);
    return { digest, takenAt: taken.takenAt.toISOString() };
  }
  const found = await client.query<{ digest: string; takenAt: Date }>(
    'SELECT digest, taken_at AS "takenAt" FROM switchyard_deliveries WHERE idempotency_key = $1',
    [idempotencyKey],
  );
  const known = found.rows[0]!;
  return { digest: known.digest, takenAt: known.takenAt.toISOString() };
}
