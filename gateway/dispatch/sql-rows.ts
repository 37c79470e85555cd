import type { SqlStatement, SqlValue } from '../sql/database.ts';
import type { KnownRow, PartRows } from './store.ts';

/** Rows that one statement is about. */
const BATCH = 500;

/** A statement with what it is given, in its order. */
export function statement(sql: string, ...parameters: SqlValue[]): SqlStatement {
  return { sql, parameters };
}

/** What a run has of a dispatch's rows that does not count yet. */
export const PENDING = 'WHERE dispatch_id = $1 AND pending IS NOT NULL';
/** In place of a digest: the row is no more. */
const GONE = "''";

/** Written with each part, so that the end of a long run is short: nobody is answered while SQLite writes. */
export function pendingStatements(dispatchId: string, { rows, removed }: PartRows): SqlStatement[] {
  return [
    ...batchesOf(removed).map((batch) => {
      const places = batch.map((_, index) => `$${index + 2}`).join(', ');
      const sql = `UPDATE dispatch_rows SET pending = ${GONE} WHERE dispatch_id = $1 AND key_digest IN (${places})`;
      return statement(sql, dispatchId, ...batch);
    }),
    ...batchesOf(rows).map((batch) => insertPending(dispatchId, batch)),
  ];
}

function insertPending(dispatchId: string, rows: readonly KnownRow[]): SqlStatement {
  const parameters = rows.flatMap(({ keyDigest, key, rowDigest }) => [dispatchId, keyDigest, key, rowDigest]);
  const places = rows.map((_, row) => {
    const [id, keyDigest, key, rowDigest] = [1, 2, 3, 4].map((column) => `$${row * 4 + column}`);
    return `(${id}, ${keyDigest}, NULL, ${key}, 0, ${rowDigest})`;
  });
  const sql = `INSERT INTO dispatch_rows VALUES ${places.join(', ')}
    ON CONFLICT (dispatch_id, key_digest) DO UPDATE SET pending = excluded.pending, key_values = excluded.key_values`;
  return { sql, parameters };
}

/** What was pending counts from now on. */
export function confirmStatements(dispatchId: string, has: 'all' | 'changes'): SqlStatement[] {
  const others = has === 'all' ? ['DELETE FROM dispatch_rows WHERE dispatch_id = $1 AND pending IS NULL'] : [];
  return [
    ...others,
    `DELETE FROM dispatch_rows ${PENDING} AND pending = ${GONE}`,
    `UPDATE dispatch_rows SET row_digest = pending, pending = NULL ${PENDING}`,
  ].map((sql) => statement(sql, dispatchId));
}

/** Items that one statement each is about. */
export function batchesOf<Item>(items: readonly Item[]): (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );
}
