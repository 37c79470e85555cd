/** A value of a statement. */
export type SqlValue = string | number | boolean | null;

/** A row by the names of its columns; whole numbers are numbers, decimals too. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** Runs one statement with `$1`, `$2` and so on for its values. */
export type Query = <Row = SqlRow>(statement: string, values?: readonly SqlValue[]) => Promise<Row[]>;

/** Where the fused records are, and what was found in them. Rules are the same SQL on every kind; one contract suite runs over each. */
export interface AnalysisStore {
  /** @throws GraphQLError SYSTEM_UNAVAILABLE where no answer comes in time */
  readonly query: Query;
  /**
   * Does something wholly or not at all, while nobody else does something alone, in this process or another.
   * @throws GraphQLError SYSTEM_UNAVAILABLE where no answer comes in time; what `work` throws
   */
  alone<Result>(work: (query: Query) => Promise<Result>): Promise<Result>;
  /** Makes the fused records anew out of what was delivered. @throws GraphQLError SYSTEM_UNAVAILABLE where no answer comes in time */
  fuse(): Promise<void>;
  close(): Promise<void>;
}
