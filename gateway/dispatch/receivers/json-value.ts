import { DeliveryError, type DeliveredValue, type DeliveryColumn } from '../delivery.ts';

/**
 * A value as JSON, in one line. A text of JSON stands as what it is.
 *
 * @throws DeliveryError DELIVERY_UNFIT
 */
export function jsonValue({ name, type }: DeliveryColumn, value: DeliveredValue): string {
  if (type !== 'json' || typeof value !== 'string') return JSON.stringify(value);
  try {
    JSON.parse(value);
  } catch {
    // Not the parser's error, which repeats the value.
    throw new DeliveryError('DELIVERY_UNFIT', `A value of the column ${name} is no JSON.`);
  }
  // As it stands: reading it would lose digits of long numbers. Line breaks in it are blanks by its grammar.
  return value.replaceAll(/[\n\r]/g, ' ');
}
