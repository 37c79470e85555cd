import { z } from 'zod';
import type { SourceRow } from '../record-source.ts';
import type { SourceContext, SourceKind } from '../source-kind.ts';
import { openDatabase, type DepartmentDatabase } from './postgres-database.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { columnSet } from './sql-questions.ts';
import { explainTable, SqlSource, type SqlSystem, type SqlTable } from './sql-source.ts';

const settings = z.strictObject({
  url: z.string().min(1).describe('a postgres:// URL'),
  /** Where tables and views are that have no schema of their own before them. */
  schema: z.string().min(1).default('public').describe('the schema that the tables are in'),
  /** Queries that are asked like tables. */
  views: z.record(z.string(), z.string()).default({}).describe('names, each with a SELECT'),
  /** For one statement, and for making a connection. */
  timeoutMs: z.coerce.number().int().min(1).max(600_000).default(3_000).describe('whole milliseconds from 1 to 600000'),
});
type Settings = z.infer<typeof settings>;

/** Tables and views of a PostgreSQL database. */
export const postgresKind: SourceKind<Settings> = {
  settings,
  secrets: ['url'],
  async open({ url, timeoutMs, ...names }, context) {
    const { department, holds, nameOf } = context;
    const database = await openDatabase({ databaseUrl: url, timeoutMs, department, holds, setting: nameOf('url') });
    return new SqlSource(new PostgresSystem(database, names, context));
  },
};

class PostgresSystem implements SqlSystem {
  readonly #database: DepartmentDatabase;
  readonly #names: Pick<Settings, 'schema' | 'views'>;
  readonly #context: Pick<SourceContext, 'holds' | 'remedy'>;

  constructor(
    database: DepartmentDatabase,
    names: Pick<Settings, 'schema' | 'views'>,
    context: Pick<SourceContext, 'holds' | 'remedy'>,
  ) {
    this.#database = database;
    this.#names = names;
    this.#context = context;
  }

  get holds(): string {
    return this.#context.holds;
  }

  ask({ text, values }: Parameters<SqlSystem['ask']>[0]) {
    return this.#database.query<SourceRow>(text, values);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async read(name: string): Promise<SqlTable> {
    const { quote } = postgresDialect(new Map());
    const view = Object.hasOwn(this.#names.views, name) ? this.#names.views[name] : undefined;
    const table = (name.includes('.') ? name.split('.') : [this.#names.schema, name]).map(quote).join('.');
    const from = view === undefined ? table : `(${view}) AS ${quote(name)}`;
    const fields = await this.#columnsOf(from, name);
    const typeNames = await this.#database.query<{ oid: number; name: string }>(
      'SELECT oid::int8, typname AS name FROM pg_type WHERE oid = ANY($1::oid[])',
      [fields.map(({ typeId }) => typeId)],
    );
    const nameById = new Map(typeNames.map((type) => [type.oid, type.name]));
    const columnTypes = new Map(fields.map((field) => [field.name, nameById.get(field.typeId) ?? 'text']));
    const { required, uniqueSets } = await this.#readConstraints(view === undefined ? table : undefined);
    return {
      name,
      from,
      dialect: postgresDialect(columnTypes),
      shape: { columns: [...columnTypes].map(([column, type]) => ({ name: column, type })) },
      uniqueSets,
      isNullable: (column) => !required.has(column),
    };
  }

  async #columnsOf(from: string, table: string): Promise<{ name: string; typeId: number }[]> {
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
    const required = await this.#database.query<{ name: string }>(
      'SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnotnull AND attnum > 0',
      [table],
    );
    const unique = await this.#database.query<{ columns: string[] }>(
      `SELECT array_agg(attname::text) AS columns FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
       WHERE indrelid = $1::regclass AND indisunique AND indisvalid AND indpred IS NULL AND indexprs IS NULL AND indnkeyatts = indnatts
       GROUP BY indexrelid`,
      [table],
    );
    return {
      required: new Set(required.map(({ name }) => name)),
      uniqueSets: new Set(unique.map(({ columns }) => columnSet(columns))),
    };
  }
}
