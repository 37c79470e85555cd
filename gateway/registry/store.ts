import type { GraphVersion, VersionHead } from './version.ts';

/** Where versions of the graph are kept, all of them for good. */
export interface VersionStore {
  /** What and where, without passwords. */
  readonly description: string;
  /** The number of the newest version; 0 where there is none. */
  newest(): Promise<number>;
  find(number: number): Promise<GraphVersion | undefined>;
  /** What was published, by the version that it was published in. */
  published(numbers: readonly number[]): Promise<ReadonlyMap<number, PublishedTexts>>;
  /** The newest first. */
  list(filter: HistoryFilter): Promise<VersionHead[]>;
  /** Adds the next version, wholly or not at all; false where there is one of its number. */
  add(version: GraphVersion): Promise<boolean>;
  close(): Promise<void>;
}

/** What a department published of a subgraph. */
export type PublishedTexts = Required<Pick<GraphVersion, 'sdl'>> & Pick<GraphVersion, 'rules'>;

/** Which versions are asked for. */
export interface HistoryFilter {
  limit: number;
  /** Those before this one. Default: from the newest on */
  before?: number | undefined;
  /** Those that changed this subgraph. Default: all */
  subgraph?: string | undefined;
}
