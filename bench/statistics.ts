/** The middle and both ends of some values. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** The middle value; the mean of the two in the middle where their number is even; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.floor(half)] ?? NaN) + (sorted[Math.ceil(half) - 1] ?? NaN)) / 2;
}

/** The median of values and how far they reach. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** A point of a line. */
export interface Point {
  x: number;
  y: number;
}

/** By how much y grows for each unit of x: the least squares line's slope; 0 where all x are equal. */
export function slopeOf(points: readonly Point[]): number {
  const meanX = points.reduce((total, { x }) => total + x, 0) / points.length;
  const meanY = points.reduce((total, { y }) => total + y, 0) / points.length;
  const across = points.reduce((total, { x, y }) => total + (x - meanX) * (y - meanY), 0);
  const along = points.reduce((total, { x }) => total + (x - meanX) ** 2, 0);
  return along === 0 ? 0 : across / along;
}
