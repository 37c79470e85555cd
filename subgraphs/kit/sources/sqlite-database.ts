import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { systemUnavailable } from '../faults.ts';
import { StartError } from '../program.ts';
import type { RecordSource, SourceRow, SourceValue } from '../record-source.ts';
import { columnSet, type SqlDialect, type Statement } from './sql-questions.ts';
import { SqlSource, type SqlSystem, type SqlTable } from './sql-source.ts';

/** A SQLite database as a source of records. */
export interface SqliteDatabaseOptions {
  database: DatabaseSync;
  /** Where it is, for messages at the start. */
  file: string;
  /** What it holds, as messages call it: `municipal register`. */
  holds: string;
  /** Queries that are asked like tables, by their names. */
  views: Readonly<Record<string, string>>;
}

/** Statements that are kept prepared; a department has a few for each field. */
const MAX_PREPARED = 200;

const SQLITE: SqlDialect = {
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  placeholder: (at) => `?${at}`,
  isOneOf({ keyColumns, keys }, bind) {
    const columns = keyColumns.map((column) => SQLITE.quote(column));
    // One value whatever the number of keys, so that the statement stays the same.
    if (columns.length === 1) {
      const list = bind(JSON.stringify(keys.map(([value]) => value)));
      return `${columns[0]} IN (SELECT value FROM json_each(${list}))`;
    }
    const parts = columns.map((_, at) => `value ->> ${at}`);
    return `(${columns.join(', ')}) IN (SELECT ${parts.join(', ')} FROM json_each(${bind(JSON.stringify(keys))}))`;
  },
  holds(column, is, value, bind) {
    // LIKE takes a null character for the end of its pattern.
    if (value.includes('\0')) return '1 = 0';
    const literal = value.replaceAll(/[\\%_]/g, '\\$&');
    return `${SQLITE.quote(column)} LIKE ${bind(is === 'contains' ? `%${literal}%` : `${literal}%`)} ESCAPE '\\'`;
  },
  equals: (column, value, bind) => SQLITE.compare(column, '=', value, bind),
  same: (column) => SQLITE.quote(column),
  compare: (column, sign, value, bind) => `${SQLITE.quote(column)} ${sign} ${bind(value)}`,
  orderBy(column, descending, isNullable) {
    // Nulls are the least of all to SQLite; where it need not be told, it can go by an index.
    if (descending) return `${SQLITE.quote(column)} DESC`;
    return `${SQLITE.quote(column)}${isNullable ? ' NULLS LAST' : ''}`;
  },
};

/**
 * Asks a SQLite database. Statements run to their end in this thread: `node:sqlite` can neither wait nor be interrupted. What
 * bounds them is that each gives at most as many rows as were asked for, and that keys have indexes.
 */
export function sqliteSource(options: SqliteDatabaseOptions): RecordSource {
  return new SqlSource(new SqliteSystem(options));
}

class SqliteSystem implements SqlSystem {
  readonly #options: SqliteDatabaseOptions;
  readonly #prepared = new LRUCache<string, StatementSync>({ max: MAX_PREPARED });

  constructor(options: SqliteDatabaseOptions) {
    this.#options = options;
  }

  get holds(): string {
    return this.#options.holds;
  }

  read(name: string): SqlTable {
    return readTable(this.#options, name);
  }

  ask({ text, values }: Statement): SourceRow[] {
    try {
      const rows = this.#prepare(text).all(...values.map(toSqlite)) as SourceRow[];
      return rows.map(withNumbers);
    } catch (error) {
      throw systemUnavailable(`The ${this.holds} could not be read.`, error);
    }
  }

  close(): void {
    this.#prepared.clear();
    this.#options.database.close();
  }

  #prepare(text: string): StatementSync {
    const prepared = this.#prepared.get(text) ?? this.#options.database.prepare(text);
    // What does not fit a double would end the whole answer otherwise.
    prepared.setReadBigInts(true);
    this.#prepared.set(text, prepared);
    return prepared;
  }
}

function toSqlite(value: SourceValue): string | number | bigint | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

function withNumbers(row: SourceRow): SourceRow {
  const changed = row as Record<string, SourceValue>;
  for (const column in changed) {
    const value = changed[column];
    if (typeof value !== 'bigint') continue;
    const number = Number(value);
    if (Number.isSafeInteger(number)) changed[column] = number;
  }
  return row;
}

function readTable(options: SqliteDatabaseOptions, name: string): SqlTable {
  const { database, file, holds } = options;
  const view = Object.hasOwn(options.views, name) ? options.views[name]! : undefined;
  const quoted = SQLITE.quote(name);
  const from = view === undefined ? quoted : `(${view}) AS ${quoted}`;
  try {
    const columns = database
      .prepare(`SELECT * FROM ${from}`)
      .columns()
      .map(({ name: column, type }) => ({ name: column, ...(type !== null && { type }) }));
    const { required, uniqueSets } = readConstraints(database, view === undefined ? name : undefined);
    return {
      name,
      from,
      dialect: SQLITE,
      shape: { columns },
      uniqueSets,
      isNullable: (column) => !required.has(column),
    };
  } catch (error) {
    throw new StartError(`${file} holds no ${holds} (${(error as Error).message})`);
  }
}

/** What the database promises of a table's columns; of a view it promises nothing. */
function readConstraints(
  database: DatabaseSync,
  table: string | undefined,
): { required: ReadonlySet<string>; uniqueSets: ReadonlySet<string> } {
  if (table === undefined) return { required: new Set(), uniqueSets: new Set() };
  const columns = database
    .prepare('SELECT name, "notnull" AS required, pk, upper(type) AS type FROM pragma_table_xinfo(?)')
    .all(table) as { name: string; required: number; pk: number; type: string }[];
  const indexes = database
    .prepare(
      `SELECT list.name, json_group_array(info.name) AS columns FROM pragma_index_list(?) AS list, pragma_index_info(list.name) AS info
       WHERE list."unique" AND NOT list.partial GROUP BY list.name`,
    )
    .all(table) as { columns: string }[];
  const primary = columns.filter(({ pk }) => pk > 0);
  const rowId = primary.length === 1 && primary[0]!.type === 'INTEGER' ? primary[0]!.name : undefined;
  const sets = indexes.map((index) => columnSet(JSON.parse(index.columns) as string[]));
  if (primary.length > 0) sets.push(columnSet(primary.map(({ name }) => name)));
  // SQLite lets a primary key be null, but for the row's own number.
  const required = columns.filter((column) => column.required === 1 || column.name === rowId);
  return { required: new Set(required.map(({ name }) => name)), uniqueSets: new Set(sets) };
}
