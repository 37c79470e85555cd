import { DatabaseSync } from 'node:sqlite';
import type { Conversion } from '../manifest/conversions.ts';
import { Misfit } from '../misfit.ts';
import { StartError } from '../program.ts';
import { textOf, type SourceValue } from '../record-source.ts';
import type { CollectionUse } from '../source-kind.ts';
import { TypedTime } from './typed-time.ts';

/** A value as SQLite keeps it. */
type Kept = string | number | bigint | Buffer | null;

/** Opens a SQLite file of a source's own for what it reads. */
export function openForRows(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  // What is lost with the machine is read again. The keys of a million rows come in no order: 32 MB of them at hand take a third off the time.
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32000;',
  );
  return database;
}

/**
 * The statements that make a collection's table, with an index for every way in which its rows are looked for.
 *
 * @param before the source's own columns, which begin with `$`
 */
export function tableText(collection: string, { columns, keys, sought }: CollectionUse, before: string): string {
  const table = quote(collection);
  const isKey = (column: string): boolean => keys.some((key) => key.includes(column));
  refuseTwins(collection, [...columns.keys()]);
  const definitions = ownColumns(columns).map(
    // A number must not be made a text again by its column, nor a text a number: `007` is a key.
    ([column, conversion]) => `${quote(column)} ${conversion ? 'BLOB' : 'TEXT'}${isKey(column) ? ' NOT NULL' : ''}`,
  );
  const index = (key: readonly string[], unique: string): string =>
    `CREATE ${unique} INDEX ${quote(`${collection} ${key.join(' ')}`)} ON ${table} (${key.map(quote).join(', ')});`;
  const others = sought.filter((set) => !keys.some((key) => JSON.stringify(key) === JSON.stringify(set)));
  return [
    `CREATE TABLE ${table} (${[before, ...definitions].join(', ')});`,
    ...keys.map((key) => index(key, 'UNIQUE')),
    ...others.map((set) => index(set, '')),
  ].join('\n');
}

/** SQLite takes names that differ in case for one. */
function refuseTwins(collection: string, columns: readonly string[]): void {
  const known = new Map<string, string>();
  for (const column of columns) {
    const twin = known.get(column.toLowerCase());
    if (twin !== undefined)
      throw new StartError(`${collection}: the columns ${twin} and ${column} differ in case alone; write them alike`);
    known.set(column.toLowerCase(), column);
  }
}

/** Makes rows of a table of what was read. */
export class RowReader {
  /** Columns of the table, without the source's own. */
  readonly columns: readonly string[];
  readonly #conversions: readonly (Conversion | undefined)[];
  readonly #structures: CollectionUse['structures'];
  readonly #keys: readonly { column: string; at: number }[];

  constructor(use: CollectionUse) {
    const own = ownColumns(use.columns);
    this.columns = own.map(([column]) => column);
    this.#conversions = own.map(([, conversion]) => conversion);
    this.#structures = use.structures;
    this.#keys = [...new Set(use.keys.flat())].map((column) => ({ column, at: this.columns.indexOf(column) }));
  }

  /** A row as it is kept, with what does not fit in it; or why it cannot be kept, as its key does not fit. */
  read(
    values: readonly (SourceValue | TypedTime | undefined)[],
  ): { row: Kept[]; misfits: string[] } | { refusal: string } {
    const read = this.columns.map((column, at) => this.#readCell(values[at] ?? null, column, this.#conversions[at]));
    for (const { column, at } of this.#keys) {
      const value = read[at];
      if (value === null) return { refusal: `${column} is empty, and is the key` };
      if (value instanceof Misfit) return { refusal: `${column} must be ${value.mustBe}, and is the key` };
    }
    const misfits = read.flatMap((value, at) =>
      value instanceof Misfit ? [`${this.columns[at]} must be ${value.mustBe}`] : [],
    );
    // Bytes fit no type: whoever asks for the value is told that it does not fit, and the row is not lost.
    return { row: read.map((value, at) => (value instanceof Misfit ? bytesOf(values[at]!) : value)), misfits };
  }

  /** Lists and objects lie as JSON in columns of such, and fit no other. */
  #readCell(
    value: SourceValue | TypedTime,
    column: string,
    conversion: Conversion | undefined,
  ): Exclude<Kept, Buffer> | Misfit {
    if (value === null) return null;
    if (value instanceof Misfit) return value;
    if (value instanceof TypedTime) return readTime(value, conversion);
    if (this.#structures.has(column)) return JSON.stringify(value);
    if (typeof value === 'object') return PLAIN;
    if (!conversion) return String(value);
    const converted = conversion.read(value);
    if (converted instanceof Misfit || converted === null) return converted;
    return toSqlite(converted);
  }
}

const PLAIN = new Misfit('a single value');

function readTime({ iso }: TypedTime, conversion: Conversion | undefined): string | Misfit {
  if (!conversion) return iso;
  return conversion.readTime?.(iso) ?? (conversion.read(iso) as string | Misfit);
}

function bytesOf(value: SourceValue | TypedTime): Buffer {
  if (value instanceof Misfit) return Buffer.alloc(0);
  return Buffer.from(value instanceof TypedTime ? value.iso : textOf(value));
}

function toSqlite(value: Exclude<SourceValue, null>): string | number | bigint {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'object' ? textOf(value) : value;
}

function ownColumns(columns: CollectionUse['columns']): [string, Conversion | undefined][] {
  return [...columns].filter(([column]) => !column.startsWith('$'));
}

/** A name as SQLite takes it whatever is in it. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
