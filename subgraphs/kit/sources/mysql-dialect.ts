import { textOf, type KeyValue, type SourceValue } from '../record-source.ts';
import type { SqlDialect } from './sql-questions.ts';

/** What a column holds, as far as it is compared in different ways. */
export type MysqlKind = 'integer' | 'decimal' | 'float' | 'double' | 'date' | 'time' | 'enum' | 'text' | 'other';

/** What values of such columns look like as texts. The server would take all else for a number or a day, mostly for 0. */
const SHAPES: Partial<Readonly<Record<MysqlKind, RegExp>>> = {
  integer: /^-?\d{1,20}$/,
  decimal: /^-?\d{1,35}(\.\d{1,30})?$/,
  float: /^-?\d{1,38}(\.\d{1,30})?(e[-+]?\d{1,2})?$/i,
  double: /^-?\d{1,100}(\.\d{1,100})?(e[-+]?\d{1,3})?$/i,
  date: /^\d{4}-\d{2}-\d{2}$/,
  time: /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?Z?)?$/,
};

/** MySQL and MariaDB, with what one collection's columns hold. */
export function mysqlDialect(kinds: ReadonlyMap<string, MysqlKind>): SqlDialect {
  const kindOf = (column: string): MysqlKind => kinds.get(column) ?? 'other';
  const isText = (column: string): boolean => !(kindOf(column) in SHAPES);
  /** As it is compared and put in order: a list of words has numbers behind them, and goes by those in one and by the words in the other. */
  const compared = (column: string): string =>
    kindOf(column) === 'enum' || kindOf(column) === 'other' ? `CAST(${quote(column)} AS CHAR)` : quote(column);
  const bytes = (column: string): string => `CAST(CONVERT(${quote(column)} USING utf8mb4) AS BINARY)`;
  const canHave = (column: string, value: SourceValue): boolean => {
    const [kind, text] = [kindOf(column), textOf(value)];
    if (SHAPES[kind]?.test(text) === false) return false;
    if (kind === 'integer') return BigInt(text) >= -(2n ** 63n) && BigInt(text) < 2n ** 64n;
    return (kind !== 'date' && kind !== 'time') || isDay(text.slice(0, 10));
  };
  const bound = (column: string, value: SourceValue, bind: (value: SourceValue) => string): string =>
    kindOf(column) === 'decimal'
      ? `CAST(${bind(textOf(value))} AS DECIMAL(65,30))`
      : bind(asKind(kindOf(column), value));
  const compare: SqlDialect['compare'] = (column, sign, value, bind) =>
    canHave(column, value) ? `${compared(column)} ${sign} ${bound(column, value, bind)}` : '1 = 0';
  return {
    quote,
    placeholder: () => '?',
    // Columns mostly take `a` and `A`, and often `a` and `ä`, for the same. Their index finds them all; what was asked for is among them.
    equals: (column, value, bind) =>
      isText(column)
        ? `(${compare(column, '=', value, bind)} AND ${bytes(column)} = CAST(${bind(textOf(value))} AS BINARY))`
        : compare(column, '=', value, bind),
    same: (column) => (isText(column) ? bytes(column) : quote(column)),
    isOneOf({ keyColumns, keys }, bind) {
      const possible = keys.filter((key) => key.every((value, at) => canHave(keyColumns[at]!, value)));
      if (possible.length === 0) return '1 = 0';
      const one = (key: readonly KeyValue[]): string =>
        `(${key.map((value, at) => bound(keyColumns[at]!, value, bind)).join(', ')})`;
      return `(${keyColumns.map(compared).join(', ')}) IN (${padded(possible).map(one).join(', ')})`;
    },
    holds(column, is, value, bind) {
      const text = `LOWER(CONVERT(${quote(column)} USING utf8mb4)) COLLATE utf8mb4_bin`;
      return `LOCATE(LOWER(${bind(value)}), ${text}) ${is === 'contains' ? '> 0' : '= 1'}`;
    },
    compare,
    orderBy(column, descending, isNullable) {
      // Nulls are the least of all; where it need not be told, it can go by an index.
      if (descending) return `${compared(column)} DESC`;
      return `${isNullable ? `ISNULL(${quote(column)}), ` : ''}${compared(column)}`;
    },
  };
}

/** Some servers refuse a whole statement for the 31st of February. A month or day that nobody knows is 00 to them. */
function isDay(text: string): boolean {
  if (text.includes('-00')) return true;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A value as its column has it: a number that is compared with a text is compared as a double, and the other way round. */
function asKind(kind: MysqlKind, value: SourceValue): SourceValue {
  const text = textOf(value);
  if (kind === 'integer') return BigInt(text);
  if (kind === 'float') return Math.fround(Number(text));
  if (kind === 'double') return Number(text);
  return kind === 'time' ? text.replace('T', ' ').replace('Z', '') : text;
}

/** As many as the next power of two, the last one again and again: so that a question has a few texts, which the server keeps, and not one for each number of keys. */
function padded<T>(list: readonly T[]): T[] {
  const length = 2 ** Math.ceil(Math.log2(list.length));
  return Array.from({ length }, (_, at) => list[Math.min(at, list.length - 1)]!);
}
