/** A value that a statement is given. */
export type SqlValue = string | number | null;

/** A row, by the names of its columns. */
export type SqlRow = Record<string, unknown>;

/** A statement with what it is given. */
export interface SqlStatement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

/** How a database is asked: parameters are `$1`, `$2`, …, each used once and in that order. */
export interface SqlDatabase {
  /** What and where, without passwords. */
  readonly description: string;
  /** What has to be said otherwise in the one than in the other. */
  readonly dialect: 'SQLite' | 'PostgreSQL';
  query(sql: string, parameters: readonly SqlValue[]): Promise<SqlRow[]>;
  /**
   * Runs statements one after the other, all of them or none. Where the first gives no row, none is: it says on what the others depend.
   * @returns the rows of the first; undefined where nothing was done
   */
  transaction(statements: readonly SqlStatement[]): Promise<SqlRow[] | undefined>;
  close(): Promise<void>;
}

/** What holds for a database. */
export interface SqlOptions {
  /** For one statement, and for making a connection. */
  timeoutMs: number;
  /** By what the database's own lists name who asks. */
  applicationName: string;
  /** Whether what is written survives the loss of power. SQLite is several times slower by that; PostgreSQL goes by its own settings. */
  isDurable: boolean;
}
