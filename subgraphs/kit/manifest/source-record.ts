import type { SourceRow, SourceValue } from '../record-source.ts';
import type { KeyPart, KeyPlan, TypePlan } from './mapping.ts';

/** What resolvers of a mapped type are handed: a row, and what is known of it. */
export class SourceRecord {
  readonly type: TypePlan;
  readonly row: SourceRow;
  /** Whether that is all there is. Of a record that something led to, only the columns that led there are known. */
  readonly isWhole: boolean;
  /** Milliseconds since 1970. */
  readonly readAtMs: number;

  constructor(type: TypePlan, row: SourceRow, { isWhole, readAtMs }: { isWhole: boolean; readAtMs: number }) {
    this.type = type;
    this.row = row;
    this.isWhole = isWhole;
    this.readAtMs = readAtMs;
  }

  /** The record as messages call it: `City 1392685764`. */
  get label(): string {
    const id = this.recordId;
    return id === null ? `a ${this.type.name}` : `${this.type.name} ${id}`;
  }

  /** The values of its first key, with blanks between; null where it has none. */
  get recordId(): string | null {
    const values = this.type.keys[0]?.columns.map((column) => this.row[column] ?? null) ?? [];
    return values.length === 0 || values.includes(null) ? null : values.map(String).join(' ');
  }
}

/** The key of a type that a representation or arguments hold whole; null where they hold none that anything can have. */
export function findKey(
  keys: readonly KeyPlan[],
  given: Readonly<Record<string, unknown>>,
): { key: KeyPlan; values: (string | number | boolean)[] } | null {
  const key = keys.find(({ parts }) => parts.every(({ field }) => given[field] !== undefined));
  if (!key) return null;
  const values = key.parts.map((part) => askedFor(part, given[part.field]));
  return values.includes(undefined) ? null : { key, values: values as (string | number | boolean)[] };
}

/** Undefined where no record can have such a value. */
function askedFor({ pattern, write }: KeyPart, value: unknown): string | number | boolean | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  if (pattern && !pattern.test(String(value))) return undefined;
  return write(value);
}

/** A row of nothing but these columns. */
export function rowOf(columns: readonly string[], values: readonly SourceValue[]): SourceRow {
  return Object.fromEntries(columns.map((column, at) => [column, values[at]!]));
}
