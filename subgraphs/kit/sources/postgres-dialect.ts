import { textOf, type KeyValue, type SourceValue } from '../record-source.ts';
import type { SqlDialect } from './sql-questions.ts';

/** Types of columns, by the server's own names (`pg_type.typname`). */
export type ColumnTypes = ReadonlyMap<string, string>;

/** What a type's values look like as texts. The server refuses all else, and with it the other keys of the batch. */
const SHAPES: Readonly<Record<string, RegExp>> = {
  int2: /^-?\d{1,4}$/,
  int4: /^-?\d{1,9}$/,
  int8: /^-?\d{1,18}$/,
  numeric: /^-?\d{1,100}(\.\d{1,100})?$/,
  float4: /^-?\d{1,30}(\.\d{1,30})?$/,
  float8: /^-?\d{1,100}(\.\d{1,100})?(e[-+]?\d{1,2})?$/,
  bool: /^(true|false)$/,
  date: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$|^\d{4}-(0[13-9]|1[0-2])-(29|30)$|^\d{4}-(0[13578]|1[02])-31$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
};

/** Types whose values are any text. */
const TEXTS = new Set(['text', 'varchar', 'bpchar', 'name', 'citext']);

/**
 * PostgreSQL, with the types of one collection's columns. Columns of types that are neither texts nor have a shape are
 * compared as texts.
 */
export function postgresDialect(columnTypes: ColumnTypes): SqlDialect {
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  const typeOf = (column: string): string => columnTypes.get(column) ?? 'text';
  const isPlain = (column: string): boolean => TEXTS.has(typeOf(column)) || typeOf(column) in SHAPES;
  const compared = (column: string): string => (isPlain(column) ? quote(column) : `${quote(column)}::text`);
  const asText = (column: string): string => (TEXTS.has(typeOf(column)) ? quote(column) : `${quote(column)}::text`);
  const canHave = (column: string, value: SourceValue): boolean => {
    const text = textOf(value);
    return SHAPES[typeOf(column)]?.test(text) ?? !text.includes('\0');
  };
  const compare: SqlDialect['compare'] = (column, sign, value, bind) =>
    canHave(column, value) ? `${compared(column)} ${sign} ${bind(textOf(value))}` : 'false';
  return {
    quote,
    placeholder: (at) => `$${at}`,
    isOneOf({ keyColumns, keys }, bind) {
      const possible = keys.filter((key) => key.every((value, at) => canHave(keyColumns[at]!, value)));
      const list = (at: number): string => {
        const values = bind(possible.map((key) => textOf(key[at] as KeyValue)));
        return `${values}::${isPlain(keyColumns[at]!) ? typeOf(keyColumns[at]!) : 'text'}[]`;
      };
      if (keyColumns.length === 1) return `${compared(keyColumns[0]!)} = ANY(${list(0)})`;
      const lists = keyColumns.map((_, at) => list(at));
      return `(${keyColumns.map(compared).join(', ')}) IN (SELECT * FROM unnest(${lists.join(', ')}))`;
    },
    holds(column, is, value, bind) {
      if (value.includes('\0')) return 'false';
      const [text, part] = [`lower(${asText(column)})`, `lower(${bind(value)})`];
      return is === 'contains' ? `strpos(${text}, ${part}) > 0` : `starts_with(${text}, ${part})`;
    },
    equals: (column, value, bind) => compare(column, '=', value, bind),
    same: quote,
    compare,
    orderBy(column, descending, isNullable) {
      // Nulls are the greatest of all to PostgreSQL; where it need not be told, it can go by an index.
      if (!descending) return quote(column);
      return `${quote(column)} DESC${isNullable ? ' NULLS LAST' : ''}`;
    },
  };
}
