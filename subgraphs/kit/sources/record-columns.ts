import type { SourceRow, SourceValue } from '../record-source.ts';
import { looseName } from './loose-name.ts';

/** A record of a document: values, lists and objects by name. */
export type DocumentRecord = SourceRow;

/** Where a value of a record goes: places of columns, and whether they have its very name. */
type Place = readonly { at: number; isExact: boolean }[];

/** Names that are remembered; records whose names are data have no end of them. */
const MAX_NAMES = 10_000;

/** The text of an object that has one beside its other values, such as an element with attributes. */
export const TEXT = '#text';

/**
 * Brings a record's values into the order of columns. What stands in an object is named by the way there: `address.city`. A
 * column has the value of its very name, or else of one that differs in case, dots, blanks and other signs.
 */
export class RecordColumns {
  readonly #columns: readonly string[];
  readonly #structures: ReadonlySet<number>;
  readonly #places = new Map<string, Place>();

  /** @param structures columns that take lists and objects whole */
  constructor(columns: readonly string[], structures: { has(column: string): boolean }) {
    this.#columns = columns;
    this.#structures = new Set(columns.flatMap((column, at) => (structures.has(column) ? [at] : [])));
  }

  /** A value for each column; undefined where the record has none. */
  valuesOf(record: DocumentRecord): (SourceValue | undefined)[] {
    const values = Array.from<SourceValue | undefined>({ length: this.#columns.length });
    const exact = new Set<number>();
    this.#take(record, '', (at, isExact, value) => {
      if (exact.has(at) || (!isExact && values[at] !== undefined)) return;
      values[at] = value;
      if (isExact) exact.add(at);
    });
    return values;
  }

  #take(record: DocumentRecord, before: string, set: (at: number, isExact: boolean, value: SourceValue) => void): void {
    for (const name in record) {
      const value = record[name]!;
      const path = before + name;
      for (const { at, isExact } of this.#placeOf(path))
        set(at, isExact, this.#structures.has(at) ? value : textIn(value));
      if (isObject(value)) this.#take(value, `${path}.`, set);
    }
  }

  #placeOf(path: string): Place {
    const known = this.#places.get(path);
    if (known) return known;
    const loose = looseName(path);
    const place = this.#columns.flatMap((column, at) =>
      column === path || looseName(column) === loose ? [{ at, isExact: column === path }] : [],
    );
    if (this.#places.size < MAX_NAMES) this.#places.set(path, place);
    return place;
  }
}

/** What a column of single values takes of an object: its own text. */
function textIn(value: SourceValue): SourceValue {
  return isObject(value) ? (value[TEXT] ?? value) : value;
}

function isObject(value: SourceValue): value is SourceRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
