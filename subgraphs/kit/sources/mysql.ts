import { z } from 'zod';
import { textOf } from '../record-source.ts';
import type { SourceContext, SourceKind } from '../source-kind.ts';
import { openMysql, type MysqlDatabase } from './mysql-database.ts';
import { mysqlDialect } from './mysql-dialect.ts';
import { typeOf, type MysqlColumn } from './mysql-values.ts';
import { columnSet } from './sql-questions.ts';
import { explainTable, SqlSource, type SqlSystem, type SqlTable } from './sql-source.ts';

const settings = z.strictObject({
  url: z.string().min(1).describe('a mysql:// URL that ends in a database'),
  /** Queries that are asked like tables. */
  views: z.record(z.string(), z.string()).default({}).describe('names, each with a SELECT'),
  /** For one statement, and for making a connection. */
  timeoutMs: z.coerce.number().int().min(1).max(600_000).default(3_000).describe('whole milliseconds from 1 to 600000'),
});
type Settings = z.infer<typeof settings>;

/** Tables and views of a database of MySQL (8 or newer) or MariaDB (10.2 or newer). */
export const mysqlKind: SourceKind<Settings> = {
  settings,
  secrets: ['url'],
  async open({ url, timeoutMs, views }, context) {
    const { holds, nameOf } = context;
    const database = await openMysql({ databaseUrl: url, timeoutMs, holds, setting: nameOf('url') });
    return new SqlSource(new MysqlSystem(database, views, context));
  },
};

class MysqlSystem implements SqlSystem {
  readonly #database: MysqlDatabase;
  readonly #views: Settings['views'];
  readonly #context: Pick<SourceContext, 'holds' | 'remedy'>;

  constructor(database: MysqlDatabase, views: Settings['views'], context: Pick<SourceContext, 'holds' | 'remedy'>) {
    this.#database = database;
    this.#views = views;
    this.#context = context;
  }

  get holds(): string {
    return this.#context.holds;
  }

  ask({ text, values }: Parameters<SqlSystem['ask']>[0]) {
    return this.#database.query(text, values);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async read(name: string): Promise<SqlTable> {
    const { quote } = mysqlDialect(new Map());
    const view = Object.hasOwn(this.#views, name) ? this.#views[name] : undefined;
    const from = view === undefined ? name.split('.').map(quote).join('.') : `(${view}) AS ${quote(name)}`;
    const columns = await this.#columnsOf(from, name);
    const types = columns.map((column) => ({ column: column.name, ...typeOf(column) }));
    const { required, uniqueSets } = await this.#readConstraints(view === undefined ? name : undefined);
    return {
      name,
      from,
      dialect: mysqlDialect(new Map(types.map(({ column, kind }) => [column, kind]))),
      shape: { columns: types.map(({ column, name: type }) => ({ name: column, type })) },
      uniqueSets,
      isNullable: (column) => !required.has(column),
    };
  }

  async #columnsOf(from: string, table: string): Promise<MysqlColumn[]> {
    try {
      return await this.#database.columnsOf(`SELECT * FROM ${from} LIMIT 0`);
    } catch (error) {
      throw explainTable(error, { table, ...this.#context });
    }
  }

  /** What the database promises of a table's columns; of a query it promises nothing. */
  async #readConstraints(
    table: string | undefined,
  ): Promise<{ required: ReadonlySet<string>; uniqueSets: ReadonlySet<string> }> {
    if (table === undefined) return { required: new Set(), uniqueSets: new Set() };
    const [name, schema = null] = table.split('.').toReversed();
    const place = 'table_schema = COALESCE(?, database()) AND table_name = ?';
    const required = await this.#database.query(
      `SELECT column_name AS name FROM information_schema.columns WHERE ${place} AND is_nullable = 'NO'`,
      [schema, name!],
    );
    const unique = await this.#database.query(
      `SELECT index_name AS name, column_name AS part, sub_part AS cut FROM information_schema.statistics
       WHERE ${place} AND non_unique = 0`,
      [schema, name!],
    );
    const indexes = [...Map.groupBy(unique, (row) => row['name']).values()];
    // An index of the beginnings of columns, or of what is computed of them, says nothing of the columns.
    const whole = indexes.filter((parts) => parts.every(({ part, cut }) => part !== null && cut === null));
    return {
      required: new Set(required.map((row) => textOf(row['name']!))),
      uniqueSets: new Set(whole.map((parts) => columnSet(parts.map(({ part }) => textOf(part!))))),
    };
  }
}
