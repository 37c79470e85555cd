import type { GraphVersion, VersionHead } from './version.ts';

/** Where versions of the graph are kept, all of them for good. */
export interface VersionStore {
  /** What and where, without passwords. */
  readonly description: string;
  /** The number of the newest version; 0 where there is none. */
  newest(): Promise<number>;
  find(number: number): Promise<GraphVersion | undefined>;
  /** Schemas by the version that they were published in. */
  schemas(numbers: readonly number[]): Promise<ReadonlyMap<number, string>>;
  /** The newest first. */
  list(filter: HistoryFilter): Promise<VersionHead[]>;
  /** Adds the next version, wholly or not at all; false where there is one of its number. */
  add(version: GraphVersion): Promise<boolean>;
  close(): Promise<void>;
}

/** Which versions are asked for. */
export interface HistoryFilter {
  limit: number;
  /** Those before this one. Default: from the newest on */
  before?: number | undefined;
  /** Those that changed this subgraph. Default: all */
  subgraph?: string | undefined;
}
