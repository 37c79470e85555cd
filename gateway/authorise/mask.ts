import { z } from 'zod';

/** How a rule hides a part of a value. */
export const maskSchema = z.union([
  /** The last characters of a text; the others become `*`. */
  z.strictObject({ keepLast: z.number().int().min(0).max(1_000) }),
  /** The first characters of a text; the others become `*`. */
  z.strictObject({ keepFirst: z.number().int().min(0).max(1_000) }),
  /** The lower bound of the band that a number lies in, of bounds in rising order; below the first, the first. */
  z.strictObject({ bands: z.array(z.number()).min(1) }),
  /** One value for all. */
  z.strictObject({ value: z.union([z.string(), z.number(), z.boolean()]) }),
]);

/** How a rule hides a part of a value. */
export type MaskRule = z.output<typeof maskSchema>;

/**
 * The function that a mask rule is. It gives null for a value that it is not made for, rather than the value; lists are masked
 * item by item.
 */
export function compileMask(rule: MaskRule): (value: unknown) => unknown {
  const one = maskOne(rule);
  const mask = (value: unknown): unknown => {
    if (value === null || value === undefined) return value;
    return Array.isArray(value) ? value.map(mask) : one(value);
  };
  return mask;
}

function maskOne(rule: MaskRule): (value: unknown) => unknown {
  if ('value' in rule) return () => rule.value;
  if ('bands' in rule) {
    const { bands } = rule;
    return (value) => (typeof value === 'number' ? (bands.findLast((bound) => bound <= value) ?? bands[0]!) : null);
  }
  return (value) => {
    if (typeof value !== 'string' && typeof value !== 'number') return null;
    // By characters as people see them, so that none is cut in two.
    const characters = Array.from(new Intl.Segmenter().segment(String(value)), ({ segment }) => segment);
    return characters.map((character, index) => (isKept(index, characters.length, rule) ? character : '*')).join('');
  };
}

function isKept(index: number, count: number, rule: { keepLast: number } | { keepFirst: number }): boolean {
  return 'keepLast' in rule ? index >= count - rule.keepLast : index < rule.keepFirst;
}
