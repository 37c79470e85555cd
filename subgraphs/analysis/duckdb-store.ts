import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { systemUnavailable } from '../kit/faults.ts';
import { StartError } from '../kit/program.ts';
import { readStatements, TABLES } from './tables.ts';
import type { AnalysisStore, Query, SqlRow, SqlValue } from './store.ts';

export interface DuckDbStoreSettings {
  /** A file that is this process's alone, made where it is not there; `:memory:` for none. */
  file: string;
}

/**
 * The department's tables in a file of DuckDB, an embedded database of columns.
 * @throws StartError where DuckDB is not installed, or the file is not its own
 */
export async function openDuckDbStore({ file }: DuckDbStoreSettings): Promise<AnalysisStore> {
  const instance = await openFile(file);
  const store = new DuckDbStore(instance, await instance.connect());
  for (const statements of TABLES) await store.query(statements);
  return store;
}

async function openFile(file: string): Promise<DuckDBInstance> {
  const { DuckDBInstance: instance } = await import('@duckdb/node-api').catch((error: unknown) => {
    throw new StartError(`DuckDB is not there: ${(error as Error).message}; npm install @duckdb/node-api`);
  });
  try {
    // What a statement needs is in the program: nothing is fetched from the network.
    return await instance.create(file, { autoinstall_known_extensions: 'false' });
  } catch (error) {
    throw new StartError(`${file} cannot be opened by DuckDB: ${(error as Error).message}`);
  }
}

const FUSE = readStatements('fuse.duckdb');

class DuckDbStore implements AnalysisStore {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  /** One after the other: what is done alone has the connection to itself. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  readonly query: Query = <Row = SqlRow>(statement: string, values?: readonly SqlValue[]) =>
    this.#afterOthers(() => this.#run<Row>(statement, values));

  fuse(): Promise<void> {
    return this.alone(async (query) => void (await query(FUSE)));
  }

  alone<Result>(work: (query: Query) => Promise<Result>): Promise<Result> {
    const query: Query = (statement, values) => this.#run(statement, values);
    return this.#afterOthers(async () => {
      await query('begin transaction');
      try {
        const result = await work(query);
        await query('commit');
        return result;
      } catch (error) {
        await query('rollback');
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  #afterOthers<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #run<Row>(statement: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    try {
      const reader = await this.#connection.runAndReadAll(statement, [...values]);
      return reader.getRowObjectsJS().map(withNumbers) as Row[];
    } catch (error) {
      throw systemUnavailable('The tables of the analysis department did not answer.', error);
    }
  }
}

/** Whole numbers of eight bytes come as bigints. */
function withNumbers(row: Record<string, unknown>): SqlRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  );
}
