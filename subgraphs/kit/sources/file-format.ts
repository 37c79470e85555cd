import type { SourceRow } from '../record-source.ts';
import type { CollectionUse } from '../source-kind.ts';
import type { RowIntake } from './import-tables.ts';

/** A way to write records into files. */
export interface FileFormat {
  /**
   * Reads a file record by record, in bounded memory.
   * @throws UnfinishedFile where it ends before its records do; Error where it cannot be read, or not to its end: what was taken before stands
   */
  read(path: string, reading: FileReading): Promise<FileDialect>;
}

/** What the reading of one file is told. */
export interface FileReading {
  /** What takes the records. */
  intake: RowIntake;
  use: CollectionUse;
  /** Aborted when it takes too long. */
  signal: AbortSignal;
  /** Told of the columns that the file has, where it says so before its records. @throws Error where they will not do */
  header(names: readonly string[]): void;
  /** Told of each record of a document as it stands there, before it is brought into columns. Default: nobody is */
  onRecord?(record: SourceRow): void;
}

/** How a file was read. */
export interface FileDialect {
  encoding: string | null;
  delimiter: string | null;
}

/** The file ends before its records do: whoever writes it is not done, or was cut short. */
export class UnfinishedFile extends Error {
  override name = 'UnfinishedFile';
}
