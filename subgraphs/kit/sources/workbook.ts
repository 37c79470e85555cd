import type { SourceValue } from '../record-source.ts';
import type { TypedTime } from './typed-time.ts';

/** A spreadsheet file, whichever program's. */
export interface Workbook {
  sheets: readonly Sheet[];
}

export interface Sheet {
  name: string;
  isHidden: boolean;
  /** Its rows in their order, some at a time; those with nothing in them may be left out. */
  rows(signal: AbortSignal): AsyncIterable<SheetRow[]>;
}

export interface SheetRow {
  /** As the program counts it, from 1. */
  number: number;
  /** By column; undefined and null where there is nothing. */
  cells: (Cell | undefined)[];
}

export type Cell = SourceValue | TypedTime;

/** Columns that are read of a sheet. */
export const MAX_COLUMNS = 1_000;
