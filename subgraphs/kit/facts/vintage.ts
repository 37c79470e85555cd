/** A span of time, its last day included. */
export interface Span {
  /** Days since 1970-01-01. */
  readonly first: number;
  readonly last: number;
}

const DAY_MS = 86_400_000;
const DAYS_OF_A_YEAR = 365.25;
const DATE = /^(\d{4})(?:-Q([1-4])|-(\d{2})(?:-(\d{2})(?:T.*)?)?)?$/;

/**
 * Reads the time that a value speaks of: a year, a month, a day or a time of ISO 8601, a quarter (`2026-Q3`), or two of them with a
 * slash between.
 *
 * @returns undefined where it is none of these
 */
export function readSpan(text: string): Span | undefined {
  const [from, to = from, ...more] = text.split('/');
  const first = readDate(from!);
  const last = readDate(to!);
  if (!first || !last || more.length > 0 || last.last < first.first) return undefined;
  return { first: first.first, last: last.last };
}

/** Whether two spans have a day in common. */
export function overlap(one: Span, other: Span): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** Years between the middles of two spans. */
export function yearsApart(one: Span, other: Span): number {
  return Math.abs(one.first + one.last - other.first - other.last) / 2 / DAYS_OF_A_YEAR;
}

function readDate(text: string): Span | undefined {
  const [whole, year, quarter, month, day] = DATE.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const at = (months: number, days = 1): number => Date.UTC(Number(year), months, days) / DAY_MS;
  if (quarter !== undefined) return { first: at(3 * Number(quarter) - 3), last: at(3 * Number(quarter)) - 1 };
  if (month === undefined) return { first: at(0), last: at(12) - 1 };
  const index = Number(month) - 1;
  if (index < 0 || index > 11) return undefined;
  if (day === undefined) return { first: at(index), last: at(index + 1) - 1 };
  const first = at(index, Number(day));
  return first >= at(index) && first < at(index + 1) ? { first, last: first } : undefined;
}
