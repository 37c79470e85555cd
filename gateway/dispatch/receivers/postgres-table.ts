import pg from 'pg';
import { DeliveryError, runKeyOf, type Delivery, type DeliveryColumn } from '../delivery.ts';
import { keyColumnsOf, recordText } from './record-text.ts';

/** A table and those beside it, by their names as SQL has them. */
export interface Table {
  /** As the settings have it. */
  readonly name: string;
  readonly quoted: string;
  readonly deliveries: string;
  readonly rows: string;
}

/** What rows are written by. */
export interface Writing {
  readonly table: Table;
  readonly delivery: Delivery;
  /** A column that says since when a row is no more; undefined where such rows are deleted. */
  readonly removedColumn: string | undefined;
}

/** `table`, or `schema.table`. */
export function tableNamed(name: string): Table {
  const [table = '', schema] = name.split('.').toReversed();
  const inSchema = (each: string): string =>
    schema === undefined ? pg.escapeIdentifier(each) : `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(each)}`;
  return {
    name,
    quoted: inSchema(table),
    deliveries: inSchema('switchyard_deliveries'),
    rows: inSchema('switchyard_rows'),
  };
}

/** Makes the two tables that keep what was delivered, where they are missing; else no right to make any is needed. */
export async function makeBookTables(client: pg.Client, { deliveries, rows }: Table): Promise<void> {
  const { rows: found } = await client.query<{ isThere: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL AS "isThere"',
    [deliveries, rows],
  );
  if (found[0]?.isThere) return;
  // Two that make a table at once get in each other's way, also where it is only made if it is not there.
  await client.query('BEGIN');
  await client.query("SELECT pg_advisory_xact_lock(hashtext('switchyard_deliveries'))");
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${deliveries} (idempotency_key text PRIMARY KEY, digest text NOT NULL, rows integer NOT NULL,
      taken_at timestamptz NOT NULL DEFAULT now())`,
  );
  await client.query(`CREATE INDEX IF NOT EXISTS switchyard_deliveries_taken_at ON ${deliveries} (taken_at)`);
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${rows} (of_table text, dispatch text, key text, run text NOT NULL, PRIMARY KEY (of_table, dispatch, key))`,
  );
  await client.query('COMMIT');
}

const TYPES = { text: 'text', number: 'numeric', boolean: 'boolean', json: 'jsonb' } as const;

/** Makes the table by the delivery's columns, where it is missing. */
export async function makeTable(client: pg.Client, { table, delivery, removedColumn }: Writing): Promise<void> {
  const columns = delivery.columns.map(({ name, type }) => `${pg.escapeIdentifier(name)} ${TYPES[type]}`);
  const removed = removedColumn === undefined ? [] : [`${pg.escapeIdentifier(removedColumn)} timestamptz`];
  const key = `PRIMARY KEY (${identifiers(delivery.key)})`;
  await client.query("SELECT pg_advisory_xact_lock(hashtext('switchyard_deliveries'))");
  await client.query(`CREATE TABLE IF NOT EXISTS ${table.quoted} (${[...columns, ...removed, key].join(', ')})`);
}

/** Upserts the rows, removes the removed ones, and after the last part of a full run those that were delivered before and are not in it. */
export async function writeRows(client: pg.Client, writing: Writing): Promise<void> {
  const { table, delivery } = writing;
  const { columns, rows, removed, key, isLast, content } = delivery;
  await refuseUnknownColumns(client, writing);
  const keyed = rows.map((row) => key.map((name) => row[columns.findIndex((column) => column.name === name)] ?? null));
  if (rows.length > 0) {
    await client.query(upsertOf(writing), [recordsOf(columns, rows)]);
    await client.query(
      `INSERT INTO ${table.rows} (of_table, dispatch, key, run) SELECT $1, $2, unnest($3::text[]), $4
        ON CONFLICT (of_table, dispatch, key) DO UPDATE SET run = excluded.run`,
      [table.name, delivery.dispatch, keysOf(delivery, keyed), runKeyOf(delivery)],
    );
  }
  if (removed.length > 0) {
    const keys = keysOf(delivery, removed);
    await client.query(removalOf(writing), [`[${keys.join(',')}]`]);
    await client.query(`DELETE FROM ${table.rows} WHERE of_table = $1 AND dispatch = $2 AND key = ANY($3::text[])`, [
      ...[table.name, delivery.dispatch],
      keys,
    ]);
  }
  if (isLast && content === 'full') await removeOthers(client, writing);
}

async function removeOthers(client: pg.Client, writing: Writing): Promise<void> {
  const { table, delivery } = writing;
  const { rows } = await client.query<{ keys: string }>(
    `WITH others AS (DELETE FROM ${table.rows} WHERE of_table = $1 AND dispatch = $2 AND run <> $3 RETURNING key)
      SELECT '[' || string_agg(key, ',') || ']' AS keys FROM others`,
    [table.name, delivery.dispatch, runKeyOf(delivery)],
  );
  const keys = rows[0]?.keys;
  if (keys) await client.query(removalOf(writing), [keys]);
}

/** The table's own types read the values, from the texts that JSON has of them. */
function upsertOf({ table, delivery, removedColumn }: Writing): string {
  const names = delivery.columns.map(({ name }) => name);
  const others = names.filter((name) => !delivery.key.includes(name));
  const sets = [
    ...others.map((name) => `${pg.escapeIdentifier(name)} = excluded.${pg.escapeIdentifier(name)}`),
    ...(removedColumn === undefined ? [] : [`${pg.escapeIdentifier(removedColumn)} = NULL`]),
  ];
  const action = sets.length === 0 ? 'NOTHING' : `UPDATE SET ${sets.join(', ')}`;
  return `INSERT INTO ${table.quoted} (${identifiers(names)})
    SELECT ${identifiers(names)} FROM json_populate_recordset(NULL::${table.quoted}, $1::json)
    ON CONFLICT (${identifiers(delivery.key)}) DO ${action}`;
}

function removalOf({ table, delivery, removedColumn }: Writing): string {
  const isSame = delivery.key
    .map((name) => `kept.${pg.escapeIdentifier(name)} = gone.${pg.escapeIdentifier(name)}`)
    .join(' AND ');
  const gone = `json_populate_recordset(NULL::${table.quoted}, $1::json) AS gone`;
  return removedColumn === undefined
    ? `DELETE FROM ${table.quoted} AS kept USING ${gone} WHERE ${isSame}`
    : `UPDATE ${table.quoted} AS kept SET ${pg.escapeIdentifier(removedColumn)} = now() FROM ${gone}
        WHERE ${isSame} AND kept.${pg.escapeIdentifier(removedColumn)} IS NULL`;
}

function identifiers(names: readonly string[]): string {
  return names.map((name) => pg.escapeIdentifier(name)).join(', ');
}

function recordsOf(columns: readonly DeliveryColumn[], rows: Delivery['rows']): string {
  return `[${rows.map((row) => recordText(columns, row)).join(',')}]`;
}

/** Keys as records of the key's columns, one text each. */
function keysOf(delivery: Delivery, rows: Delivery['rows']): string[] {
  const keyColumns = keyColumnsOf(delivery);
  return rows.map((row) => recordText(keyColumns, row));
}

/** What the table has no column for would be lost without a word. */
async function refuseUnknownColumns(client: pg.Client, { table, delivery, removedColumn }: Writing): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped',
    [table.quoted],
  );
  if (rows.length === 0)
    throw new DeliveryError('DELIVERY_UNFIT', `There is no table ${table.name}; make it, or set createsTable.`);
  const known = new Set(rows.map(({ name }) => name));
  const wanted = [...delivery.columns.map(({ name }) => name), ...(removedColumn === undefined ? [] : [removedColumn])];
  const missing = wanted.filter((name) => !known.has(name));
  if (missing.length > 0)
    throw new DeliveryError('DELIVERY_UNFIT', `The table ${table.name} has no column ${missing.join(', ')}.`);
}
