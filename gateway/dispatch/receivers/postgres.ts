import { readFile } from 'node:fs/promises';
import pg from 'pg';
import type { ReceiverConfigOf } from '../../config/dispatch-receivers.ts';
import {
  DeliveryError,
  digestOf,
  receiptFor,
  withinSignal,
  type Delivery,
  type Receipt,
  type Receiver,
} from '../delivery.ts';
import { deliveryErrorOf } from './postgres-errors.ts';
import { makeBookTables, makeTable, tableNamed, writeRows, type Table } from './postgres-table.ts';

type Settings = ReceiverConfigOf<'postgres'>;

/** Days after which it is forgotten that a delivery was taken; its content is long gone from the gateway by then. */
const KEPT_DAYS = 90;

/**
 * A table that rows are upserted into, by the columns that identify them.
 *
 * A delivery is one transaction with its row in `switchyard_deliveries`, so that it takes effect once whatever breaks. `switchyard_rows`
 * knows which rows the dispatch has delivered: at the end of a full run those of them that were not in it are removed, and none of others.
 */
export function openPostgres(settings: Settings): Receiver {
  const table = tableNamed(settings.table);
  const { hostname, port, pathname } = new URL(settings.url);
  const description = `table ${settings.table} of PostgreSQL ${hostname}:${port || '5432'}${pathname}`;
  return {
    description,
    async deliver(delivery, signal) {
      const work = connect(settings).then((client) =>
        deliverBy(client, delivery, { table, settings, description, signal }),
      );
      return withinSignal(work.catch(deliveryErrorOf), signal);
    },
    close: () => Promise.resolve(),
  };
}

/** One for each delivery: they are few, and one that breaks takes nothing else along. */
async function connect({ url, passwordFile, timeoutMs }: Settings): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: passwordFile === undefined ? url : await withPassword(url, passwordFile),
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + 1_000,
    application_name: 'switchyard dispatch',
  });
  // A lost connection fails the statement under way; without one there is nothing to tell.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    void client.end().catch(() => undefined);
    throw error;
  }
  return client;
}

async function withPassword(url: string, passwordFile: string): Promise<string> {
  const whole = new URL(url);
  whole.password = encodeURIComponent((await readFile(passwordFile, 'utf8')).trimEnd());
  return whole.href;
}

interface Delivering {
  table: Table;
  settings: Settings;
  description: string;
  signal: AbortSignal;
}

async function deliverBy(client: pg.Client, delivery: Delivery, delivering: Delivering): Promise<Receipt> {
  const { signal } = delivering;
  // What is not committed by then never is.
  const end = (): void => void client.end().catch(() => undefined);
  signal.addEventListener('abort', end, { once: true });
  try {
    signal.throwIfAborted();
    await makeBookTables(client, delivering.table);
    await client.query('BEGIN');
    const receipt = await takeOnce(client, delivery, delivering);
    await client.query('COMMIT');
    return receipt;
  } finally {
    signal.removeEventListener('abort', end);
    // Ends a transaction that is still open.
    await client.end().catch(() => undefined);
  }
}

/** Whoever comes with the same key at the same time waits here until the first one is done. */
async function takeOnce(
  client: pg.Client,
  delivery: Delivery,
  { table, settings, description }: Delivering,
): Promise<Receipt> {
  const receipt = receiptFor(delivery, description);
  const { rows: taken } = await client.query<{ taken_at: Date }>(
    `INSERT INTO ${table.deliveries} (idempotency_key, digest, rows) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING taken_at`,
    [delivery.idempotencyKey, receipt.digest, receipt.rows],
  );
  if (!taken[0]) return { ...receipt, takenAt: await knownSince(client, delivery, table) };
  if (settings.createsTable) await makeTable(client, { table, delivery, removedColumn: settings.removedColumn });
  await writeRows(client, { table, delivery, removedColumn: settings.removedColumn });
  await client.query(`DELETE FROM ${table.deliveries} WHERE taken_at < now() - interval '${KEPT_DAYS} days'`);
  return { ...receipt, takenAt: taken[0].taken_at.toISOString() };
}

async function knownSince(client: pg.Client, delivery: Delivery, { deliveries }: Table): Promise<string> {
  const { rows } = await client.query<{ digest: string; taken_at: Date }>(
    `SELECT digest, taken_at FROM ${deliveries} WHERE idempotency_key = $1`,
    [delivery.idempotencyKey],
  );
  const [known] = rows;
  if (known?.digest === digestOf(delivery)) return known.taken_at.toISOString();
  throw new DeliveryError('DELIVERY_CONFLICT', `${delivery.idempotencyKey} was taken with other content.`);
}
