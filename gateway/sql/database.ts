/** How a database is asked: parameters are `$1`, `$2`, …, each used once and in that order. */
export interface SqlDatabase {
  /** What and where, without passwords. */
  readonly description: string;
  query(sql: string, parameters: readonly (string | number | null)[]): Promise<Record<string, unknown>[]>;
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
