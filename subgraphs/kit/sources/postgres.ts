import { z } from 'zod';
import { systemUnavailable } from '../faults.ts';
import { StartError } from '../program.ts';
import type { AskOptions, CollectionShape, KeyAnswer, KeyQuestion, RecordSource, SourceRow } from '../record-source.ts';
import type { SourceContext, SourceKind } from '../source-kind.ts';
import { openDatabase, type DepartmentDatabase } from './postgres-database.ts';
import { postgresDialect } from './postgres-dialect.ts';
import {
  answersOf,
  columnSet,
  groupsOf,
  keyStatement,
  pageStatement,
  relatedStatement,
  type SqlCollection,
  type SqlDialect,
  type Statement,
} from './sql-questions.ts';

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
    return new PostgresSource(database, names, context);
  },
};

interface KnownCollection extends SqlCollection {
  dialect: SqlDialect;
  shape: CollectionShape;
  uniqueSets: ReadonlySet<string>;
}

/** Asks a PostgreSQL database, one statement a question. */
class PostgresSource implements RecordSource {
  readonly #database: DepartmentDatabase;
  readonly #names: Pick<Settings, 'schema' | 'views'>;
  readonly #context: Pick<SourceContext, 'holds' | 'remedy'>;
  readonly #collections = new Map<string, KnownCollection>();

  constructor(
    database: DepartmentDatabase,
    names: Pick<Settings, 'schema' | 'views'>,
    context: Pick<SourceContext, 'holds' | 'remedy'>,
  ) {
    this.#database = database;
    this.#names = names;
    this.#context = context;
  }

  async describe(name: string): Promise<CollectionShape> {
    const known = this.#collections.get(name) ?? (await this.#read(name));
    this.#collections.set(name, known);
    return known.shape;
  }

  refusalOf(): undefined {
    return undefined;
  }

  async byKeys(question: KeyQuestion, options: AskOptions): Promise<KeyAnswer[]> {
    const collection = this.#known(question.collection);
    const statement = collection.uniqueSets.has(columnSet(question.keyColumns))
      ? keyStatement(collection.dialect, collection, question)
      : relatedStatement(collection.dialect, collection, { ...question, orderBy: [], first: 2 });
    return answersOf(question, await this.#ask(statement, options), this.#context.holds);
  }

  async related(...[question, options]: Parameters<RecordSource['related']>): Promise<SourceRow[][]> {
    const collection = this.#known(question.collection);
    return groupsOf(question, await this.#ask(relatedStatement(collection.dialect, collection, question), options));
  }

  async page(...[question, options]: Parameters<RecordSource['page']>): Promise<SourceRow[]> {
    const collection = this.#known(question.collection);
    return this.#ask(pageStatement(collection.dialect, collection, question), options);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async #ask({ text, values }: Statement, { signal }: AskOptions): Promise<SourceRow[]> {
    if (signal.aborted) throw systemUnavailable(`The ${this.#context.holds} was not asked: there was no time left.`);
    return this.#database.query(text, values);
  }

  /** Every collection is described before it is asked. */
  #known(name: string): KnownCollection {
    return this.#collections.get(name)!;
  }

  async #read(name: string): Promise<KnownCollection> {
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

  async #columnsOf(from: string, name: string): Promise<{ name: string; typeId: number }[]> {
    try {
      return await this.#database.columnsOf(`SELECT * FROM ${from} LIMIT 0`);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      const { holds, remedy } = this.#context;
      throw new StartError(`the database holds no ${holds}${remedy} (${name}: ${error.message})`);
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
