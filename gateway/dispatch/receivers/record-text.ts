import type { DeliveredValue, Delivery, DeliveryColumn } from '../delivery.ts';
import { jsonValue } from './json-value.ts';

/** A row as a JSON object by the names of its columns. @throws DeliveryError DELIVERY_UNFIT */
export function recordText(columns: readonly DeliveryColumn[], row: readonly DeliveredValue[]): string {
  const members = columns.map((column, at) => `${JSON.stringify(column.name)}:${jsonValue(column, row[at] ?? null)}`);
  return `{${members.join(',')}}`;
}

/** The columns of the key, in its order. */
export function keyColumnsOf({ columns, key }: Delivery): DeliveryColumn[] {
  return key.map((name) => columns.find((column) => column.name === name) ?? { name, type: 'text' });
}
