import { textOf, type Condition, type Order, type SourceRow, type SourceValue } from '../record-source.ts';

/** Rows in an order; nulls last, whichever the direction. */
export function sortRows(rows: readonly SourceRow[], orderBy: readonly Order[]): SourceRow[] {
  return rows.toSorted((one, other) => compareRows(one, other, orderBy));
}

/** Whether a row comes after another one, which is given as its values of `orderBy`. */
export function isAfter(row: SourceRow, after: readonly SourceValue[], orderBy: readonly Order[]): boolean {
  const seen = Object.fromEntries(orderBy.map(({ column }, at) => [column, after[at] ?? null]));
  return compareRows(row, seen, orderBy) > 0;
}

function compareRows(one: SourceRow, other: SourceRow, orderBy: readonly Order[]): number {
  for (const { column, descending } of orderBy) {
    const [left, right] = [one[column] ?? null, other[column] ?? null];
    const order =
      left === null || right === null
        ? Number(left === null) - Number(right === null)
        : compareValues(left, right) * (descending ? -1 : 1);
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers as numbers; everything else as texts, by their characters' numbers. */
function compareValues(one: SourceValue, other: SourceValue): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  const [left, right] = [textOf(one), textOf(other)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Whether a row meets a condition; one where the column is null meets none. */
export function meets(row: SourceRow, { column, is, value }: Condition): boolean {
  const found = row[column] ?? null;
  if (found === null) return false;
  switch (is) {
    case 'equals':
      return textOf(found) === String(value);
    case 'contains':
      return textOf(found).toLowerCase().includes(String(value).toLowerCase());
    case 'startsWith':
      return textOf(found).toLowerCase().startsWith(String(value).toLowerCase());
    case 'atLeast':
      return compareValues(found, value) >= 0;
    case 'atMost':
      return compareValues(found, value) <= 0;
  }
}
