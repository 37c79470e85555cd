import { systemUnavailable } from '../faults.ts';
import { StartError } from '../program.ts';
import type { AskOptions, CollectionShape, KeyAnswer, KeyQuestion, RecordSource, SourceRow } from '../record-source.ts';
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

/** A table or a query of the manifest, with what is known of it. */
export interface SqlTable extends SqlCollection {
  dialect: SqlDialect;
  shape: CollectionShape;
  /** Sets of columns that no two rows have the same, each as {@link columnSet} has it. */
  uniqueSets: ReadonlySet<string>;
}

/** A database as far as one differs from another. */
export interface SqlSystem {
  /** What it holds, as messages call it: `enterprise register`. */
  holds: string;
  /** @throws StartError where there is no such table */
  read(collection: string): SqlTable | Promise<SqlTable>;
  /** @throws GraphQLError SYSTEM_UNAVAILABLE */
  ask(statement: Statement): SourceRow[] | Promise<SourceRow[]>;
  close(): void | Promise<void>;
}

/** What a database says of a table that it does not have, with what it must hold and what to do; any other error as it is. */
export function explainTable(
  error: unknown,
  { table, holds, remedy }: { table: string; holds: string; remedy: string },
): unknown {
  if (!(error instanceof StartError)) return error;
  return new StartError(`the database holds no ${holds}${remedy} (${table}: ${error.message})`);
}

/** Asks a database, one statement a question. */
export class SqlSource implements RecordSource {
  readonly #system: SqlSystem;
  readonly #tables = new Map<string, SqlTable>();

  constructor(system: SqlSystem) {
    this.#system = system;
  }

  async describe(collection: string): Promise<CollectionShape> {
    return (await this.#table(collection)).shape;
  }

  refusalOf(): undefined {
    return undefined;
  }

  async byKeys(question: KeyQuestion, options: AskOptions): Promise<KeyAnswer[]> {
    const table = await this.#table(question.collection);
    const statement = table.uniqueSets.has(columnSet(question.keyColumns))
      ? keyStatement(table.dialect, table, question)
      : relatedStatement(table.dialect, table, { ...question, where: [], orderBy: [], first: 2 });
    return answersOf(question, await this.#ask(statement, options), this.#system.holds);
  }

  async related(...[question, options]: Parameters<RecordSource['related']>): Promise<SourceRow[][]> {
    const table = await this.#table(question.collection);
    return groupsOf(question, await this.#ask(relatedStatement(table.dialect, table, question), options));
  }

  async page(...[question, options]: Parameters<RecordSource['page']>): Promise<SourceRow[]> {
    const table = await this.#table(question.collection);
    return this.#ask(pageStatement(table.dialect, table, question), options);
  }

  async close(): Promise<void> {
    await this.#system.close();
  }

  async #ask(statement: Statement, { signal }: AskOptions): Promise<SourceRow[]> {
    const { holds } = this.#system;
    if (signal.aborted) throw systemUnavailable(`The ${holds} was not asked: there was no time left.`);
    return this.#system.ask(statement);
  }

  async #table(collection: string): Promise<SqlTable> {
    const table = this.#tables.get(collection) ?? (await this.#system.read(collection));
    this.#tables.set(collection, table);
    return table;
  }
}
