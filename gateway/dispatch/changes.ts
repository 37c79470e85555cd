import { hash } from 'node:crypto';
import type { DeliveredValue } from './delivery.ts';
import type { KnownRow } from './store.ts';

/** What a row is known by: of values and not of their text, so that no two keys are one. */
function digestOfValues(values: readonly DeliveredValue[]): string {
  return hash('sha256', JSON.stringify(values), 'base64url');
}

/** A row as it is remembered of what the recipient has. */
export function knownRow(key: readonly DeliveredValue[], row: readonly DeliveredValue[]): KnownRow {
  return { keyDigest: digestOfValues(key), rowDigest: digestOfValues(row), key: JSON.stringify(key) };
}

/** Rows of a page that the recipient does not have as they are, by what is known of it. */
export function changedRows<Row extends { known: KnownRow }>(
  rows: readonly Row[],
  known: ReadonlyMap<string, string>,
): Row[] {
  return rows.filter(({ known: { keyDigest, rowDigest } }) => known.get(keyDigest) !== rowDigest);
}
