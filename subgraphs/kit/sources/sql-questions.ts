import { systemBadAnswer } from '../faults.ts';
import {
  keyOfRow,
  keyText,
  type Condition,
  type KeyAnswer,
  type KeyQuestion,
  type Order,
  type PageQuestion,
  type RelatedQuestion,
  type SourceRow,
  type SourceValue,
} from '../record-source.ts';

/** A statement with its values, in their order. */
export interface Statement {
  text: string;
  values: SourceValue[];
}

/** Gives a value a place in the statement's values, and returns what stands for it in the text. */
export type Bind = (value: SourceValue) => string;

/** What one kind of SQL does its own way. The rest is the same text for all. */
export interface SqlDialect {
  /** A name as SQL takes it whatever is in it. */
  quote(name: string): string;
  /** What stands for the value at this place, counted from 1. */
  placeholder(at: number): string;
  /** That the columns are one of these keys. */
  isOneOf(question: Pick<KeyQuestion, 'collection' | 'keyColumns' | 'keys'>, bind: Bind): string;
  /** That a column holds a text, or begins with it, whatever the case. */
  holds(column: string, is: 'contains' | 'startsWith', value: string, bind: Bind): string;
  /** That a column has this value and no other, whatever the column takes for the same in its order. */
  equals(column: string, value: SourceValue, bind: Bind): string;
  /** What is the same for equal values of a column, and for no others. */
  same(column: string): string;
  /** How a column compares in its order with a value that is not null. */
  compare(column: string, sign: '=' | '<' | '>' | '<=' | '>=', value: SourceValue, bind: Bind): string;
  /** Nulls come last. */
  orderBy(column: string, descending: boolean, isNullable: boolean): string;
}

/** A collection as statements name it. */
export interface SqlCollection {
  name: string;
  /** What stands behind FROM, with the name quoted as its alias. */
  from: string;
  /** Whether a column can be null, as far as is known. */
  isNullable(column: string): boolean;
}

const SIGNS = { atLeast: '>=', atMost: '<=' } as const;

/** A set of columns, whatever their order. */
export function columnSet(columns: readonly string[]): string {
  return JSON.stringify(columns.toSorted());
}

/** The rows of a question for keys, in the order asked. @param holds what the source holds, as messages call it */
export function answersOf(
  { collection, keyColumns, keys }: KeyQuestion,
  rows: readonly SourceRow[],
  holds: string,
): KeyAnswer[] {
  const byKey = new Map<string, KeyAnswer>();
  for (const row of rows) {
    const key = keyOfRow(row, keyColumns);
    const isSecond = byKey.has(key);
    byKey.set(key, isSecond ? systemBadAnswer(`The ${holds} has several rows with one key in ${collection}.`) : row);
  }
  return keys.map((key) => byKey.get(keyText(key)) ?? null);
}

/** The rows of a question for related rows, in the order asked. */
export function groupsOf({ keys, keyColumns }: RelatedQuestion, rows: readonly SourceRow[]): SourceRow[][] {
  const byKey = Map.groupBy(rows, (row) => keyOfRow(row, keyColumns));
  return keys.map((key) => byKey.get(keyText(key)) ?? []);
}

/** The column that numbers a key's rows. */
const RANK = '$rank';

/** Rows with one of the keys. */
export function keyStatement(dialect: SqlDialect, { from }: SqlCollection, question: KeyQuestion): Statement {
  return statement(dialect, (bind) => {
    const columns = columnList(dialect, [...question.keyColumns, ...question.select]);
    return `SELECT ${columns} FROM ${from} WHERE ${dialect.isOneOf(question, bind)}`;
  });
}

/** The first rows of each of the keys. */
export function relatedStatement(dialect: SqlDialect, collection: SqlCollection, question: RelatedQuestion): Statement {
  return statement(dialect, (bind) => {
    const { keyColumns, select, where, orderBy, first } = question;
    const columns = columnList(dialect, [...keyColumns, ...select]);
    const keys = keyColumns.map((column) => dialect.same(column)).join(', ');
    const order = orderList(dialect, collection, orderBy.length > 0 ? orderBy : keyColumns.map(ascending));
    const rank = dialect.quote(RANK);
    return `SELECT ${columns} FROM (
      SELECT *, row_number() OVER (PARTITION BY ${keys} ORDER BY ${order}) AS ${rank}
      FROM ${collection.from} WHERE ${[dialect.isOneOf(question, bind), ...conditionsOf(dialect, where, bind)].join(' AND ')}
    ) AS ${dialect.quote('$ranked')} WHERE ${rank} <= ${bind(first)} ORDER BY ${rank}`;
  });
}

function conditionsOf(dialect: SqlDialect, where: readonly Condition[], bind: Bind): string[] {
  return where.map(({ column, is, value }) => {
    if (is === 'contains' || is === 'startsWith') return dialect.holds(column, is, String(value), bind);
    if (is === 'equals') return dialect.equals(column, value, bind);
    return dialect.compare(column, SIGNS[is], value, bind);
  });
}

/** The rows that meet the conditions, after the one that was seen last. */
export function pageStatement(dialect: SqlDialect, collection: SqlCollection, question: PageQuestion): Statement {
  return statement(dialect, (bind) => {
    const { where, orderBy, after, first, select } = question;
    const conditions = conditionsOf(dialect, where, bind);
    if (after) conditions.push(afterRow(dialect, collection, { orderBy, after }, bind));
    const filter = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
    const columns = columnList(dialect, [...orderBy.map(({ column }) => column), ...select]);
    const order = orderList(dialect, collection, orderBy);
    return `SELECT ${columns} FROM ${collection.from}${filter} ORDER BY ${order} LIMIT ${bind(first)}`;
  });
}

/**
 * That a row comes after another one. Several columns in different directions, any of which may be null, cannot be compared as
 * one tuple: either the first is beyond, or it is the same and the second is beyond, and so on.
 */
function afterRow(
  dialect: SqlDialect,
  collection: SqlCollection,
  { orderBy, after }: { orderBy: readonly Order[]; after: readonly SourceValue[] },
  bind: Bind,
): string {
  const cases = orderBy.flatMap((order, at) => {
    const value = after[at] ?? null;
    if (value === null) return []; // Nothing can be beyond: nulls come last.
    // In the order of the text: some dialects know values by their order alone.
    const same = orderBy.slice(0, at).map(({ column }, before) => {
      const given = after[before] ?? null;
      return given === null ? `${dialect.quote(column)} IS NULL` : dialect.compare(column, '=', given, bind);
    });
    return [[...same, isBeyond(dialect, collection, order, { value, bind })].join(' AND ')];
  });
  return cases.length === 0 ? '1 = 0' : `(${cases.join(' OR ')})`;
}

function isBeyond(
  dialect: SqlDialect,
  collection: SqlCollection,
  { column, descending }: Order,
  { value, bind }: { value: SourceValue; bind: Bind },
): string {
  const beyond = dialect.compare(column, descending ? '<' : '>', value, bind);
  return collection.isNullable(column) ? `(${beyond} OR ${dialect.quote(column)} IS NULL)` : beyond;
}

function statement(dialect: SqlDialect, write: (bind: Bind) => string): Statement {
  const values: SourceValue[] = [];
  const text = write((value) => dialect.placeholder(values.push(value)));
  return { text, values };
}

function columnList(dialect: SqlDialect, columns: readonly string[]): string {
  return [...new Set(columns)].map((column) => dialect.quote(column)).join(', ');
}

function orderList(dialect: SqlDialect, collection: SqlCollection, orderBy: readonly Order[]): string {
  return orderBy
    .map(({ column, descending }) => dialect.orderBy(column, descending, collection.isNullable(column)))
    .join(', ');
}

function ascending(column: string): Order {
  return { column, descending: false };
}
