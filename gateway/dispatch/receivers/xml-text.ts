import { DeliveryError } from '../delivery.ts';

/** What XML 1.0 has no way to write (section 2.2). */
// eslint-disable-next-line no-control-regex
const UNWRITABLE = /[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/u;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

/**
 * A text between tags, or in quotes. A carriage return is written so that readers give it back (XML 1.0, section 2.11).
 *
 * @param column whose value it is
 * @throws DeliveryError DELIVERY_UNFIT where it has a character that XML cannot hold
 */
export function elementText(text: string, column?: string): string {
  if (UNWRITABLE.test(text)) {
    const where = column === undefined ? '' : ` of the column ${column}`;
    throw new DeliveryError('DELIVERY_UNFIT', `A value${where} has a character that XML cannot hold.`);
  }
  return text.replaceAll(/[&<>"\r]/g, (character) => ENTITIES[character]!);
}

/** Whether an element can be called so, without a prefix (Namespaces in XML 1.0, NCName; the letters that are common to all editions). */
export function isXmlName(name: string): boolean {
  return /^[\p{L}_][\p{L}\p{Nd}._-]*$/u.test(name) && !/^xml/i.test(name);
}
