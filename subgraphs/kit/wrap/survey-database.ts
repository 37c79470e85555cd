import { surveyRows } from './row-survey.ts';
import {
  MAX_DATABASE_ROWS,
  type LeafName,
  type SurveyedCollection,
  type SurveyedColumn,
  type SurveyOptions,
} from './survey.ts';

/** What a server's catalog says, whichever server it is. */
export interface Catalog {
  tables: readonly CatalogTable[];
  columns: readonly CatalogColumn[];
  indexes: readonly CatalogIndex[];
  references: readonly CatalogReference[];
}

export interface CatalogTable {
  name: string;
  comment: string | null;
}

export interface CatalogColumn {
  table: string;
  name: string;
  /** The type's own name, for messages. */
  type: string;
  /** Undefined where its values cannot be given. */
  shape: ColumnShape | undefined;
  required: boolean;
  comment: string | null;
}

/** What is made of a column by its type. */
export interface ColumnShape {
  leaf: LeafName;
  isList?: boolean;
  /** Whether a key can be of it: its values are the same text whoever writes them. */
  isKey?: boolean;
  /** Whether it holds texts of any kind, days in a way of its own among them. */
  isText?: boolean;
  /** Values of an enum. */
  values?: readonly string[];
  /** Digits of a decimal; null where there is no bound. */
  digits?: number | null;
  description?: string;
}

export interface CatalogIndex {
  table: string;
  columns: readonly string[];
  isUnique: boolean;
}

export interface CatalogReference {
  table: string;
  columns: readonly string[];
  to: string;
  theirs: readonly string[];
}

/** A server whose tables are looked at. */
export interface LookedAtDatabase {
  catalog: Catalog;
  /** The first rows of a table, as texts; long ones are cut. @throws Error where they may not be read */
  sample(table: string, columns: readonly string[], first: number): Promise<Record<string, string | null>[]>;
  /** How many rows there are, up to some bound; undefined where that takes too long. */
  count(table: string): Promise<number | undefined>;
}

/** For one statement; a table of many rows is counted in it. */
export const STATEMENT_TIMEOUT_MS = 30_000;
/** Rows are counted up to here. */
export const MAX_COUNTED = 1_000_000;
/** Of a text so much is looked at. */
export const LOOKED_AT_CHARACTERS = 200;

export interface DatabaseOptions extends SurveyOptions {
  /** What the manifest says for the address: a reference to the environment. */
  reference: string;
  /** The schema whose tables are meant. Default: the one that has any, or `public`. */
  schema: string | undefined;
}

/** The database's name, which tells nothing of who may read it. */
export function databaseName(url: string): string {
  return decodeURIComponent(URL.parse(url)?.pathname.slice(1) || 'database');
}

/** Digits of a decimal that a double holds. */
const MAX_DOUBLE_DIGITS = 15;

/** Looks at every table and view of a catalog: what is declared, and the first rows of each. */
export async function surveyTables(
  database: LookedAtDatabase,
  { progress, signal }: SurveyOptions,
  leftOut: string[],
): Promise<SurveyedCollection[]> {
  const collections: SurveyedCollection[] = [];
  for (const table of database.catalog.tables) {
    signal.throwIfAborted();
    progress(table.name, 0);
    const collection = await surveyTable(database, table, leftOut);
    if (collection) collections.push(collection);
  }
  return collections;
}

async function surveyTable(
  database: LookedAtDatabase,
  { name, comment }: CatalogTable,
  leftOut: string[],
): Promise<SurveyedCollection | undefined> {
  const { catalog } = database;
  if (name.includes('.')) {
    leftOut.push(`${name}: a manifest cannot name a table with a point in its name; make a view of another name`);
    return undefined;
  }
  const all = catalog.columns.filter(({ table }) => table === name);
  const own = all.flatMap((column) => (column.shape ? [{ ...column, shape: column.shape }] : []));
  for (const { name: column, type } of all.filter(({ shape }) => !shape))
    leftOut.push(`${name}.${column}: values of type ${type} cannot be given`);
  const names = own.map((column) => column.name);
  const texts = await database.sample(name, names, MAX_DATABASE_ROWS).catch((error: unknown) => {
    leftOut.push(`${name}: it cannot be read: ${reasonOf(error)}`);
    return undefined;
  });
  if (!texts) return undefined;
  const rows = await surveyRows(names, (take) =>
    texts.forEach((row) => take(names.map((column) => row[column] ?? undefined))),
  );
  const canBeKey = (set: readonly string[]): boolean =>
    set.every((each) => own.some((column) => column.name === each && column.shape.isKey === true));
  const indexes = catalog.indexes.filter(({ table }) => table === name);
  return {
    from: name,
    name,
    description: comment || undefined,
    rows: texts.length < MAX_DATABASE_ROWS ? texts.length : await database.count(name),
    rowsSeen: texts.length,
    columns: own.map((column, at) => columnOf(column, column.shape, rows.columns[at]!)),
    declaredKeys: indexes
      .filter(({ isUnique, columns }) => isUnique && canBeKey(columns))
      .map(({ columns }) => columns),
    observedKeys: rows.keys.filter(canBeKey),
    references: catalog.references.filter(({ table, columns }) => table === name && canBeKey(columns)),
    rowOrder: names.slice(0, 1),
    indexed: new Set(indexes.flatMap(({ columns }) => columns.slice(0, 1))),
  };
}

/** The server's own words, where there are any. */
function reasonOf(error: unknown): string {
  const { cause, originalError, message } = error as Error & { originalError?: Error };
  return ((originalError ?? cause) as Error | undefined)?.message ?? message;
}

function columnOf(
  { name, required, comment }: CatalogColumn,
  shape: ColumnShape,
  seen: SurveyedColumn,
): SurveyedColumn {
  const { leaf, isList = false, isText = false, values, digits } = shape;
  const rest = { name, isList, isRequired: required, isNeverEmpty: seen.isNeverEmpty, ...(values && { values }) };
  const isCategory = seen.isCategory || leaf === 'Boolean';
  const description = comment || (shape.description ?? (isText ? seen.description : undefined));
  // A text may hold days in a way of its own.
  if (isText && seen.mapping)
    return { ...rest, leaf: seen.leaf, mapping: seen.mapping, isCategory, description, questions: seen.questions };
  return { ...rest, leaf, isCategory, description, questions: digits === undefined ? [] : digitsQuestion(digits) };
}

function digitsQuestion(digits: number | null): string[] {
  if (digits !== null && digits <= MAX_DOUBLE_DIGITS) return [];
  const has = digits === null ? 'It may have any number of digits' : `It may have ${digits} digits`;
  return [`${has}; a Float holds ${MAX_DOUBLE_DIGITS}. Does that do? Else make it a String`];
}
