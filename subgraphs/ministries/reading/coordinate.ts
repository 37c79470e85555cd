import type { Quantity } from './quantity.ts';

const PAIR = /^\s*(\d{1,2})(?: (\d{1,2}))? ([NS]), (\d{1,3})(?: (\d{1,2}))? ([EW])(?![\w])/;

/** Reads one of a pair of coordinates, `28 36 N, 77 12 E` in degrees and minutes, as decimal degrees; south and west are negative. */
export function readCoordinate(text: string, which: 'latitude' | 'longitude'): Quantity {
  const found = PAIR.exec(text);
  if (!found) return { wording: 'TEXT', value: null, low: null, high: null };
  const [degrees, minutes, side] = which === 'latitude' ? found.slice(1, 4) : found.slice(4, 7);
  const size = Number(degrees) + Number(minutes ?? 0) / 60;
  // Minutes are sixtieths: four digits behind the point tell them apart, more would be made up.
  const value = Math.round(size * 10_000) / 10_000;
  return {
    wording: 'EXACT',
    value: value !== 0 && (side === 'S' || side === 'W') ? -value : value,
    low: null,
    high: null,
  };
}
