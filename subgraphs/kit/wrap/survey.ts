import type { FieldMapping } from '../manifest/manifest.ts';

/**
 * What was found in a system by looking at it, in the system's own words: the same for a database and for files, so that a first manifest
 * and SDL can be made of either.
 */
export interface Survey {
  /** The manifest's `source.kind`. */
  kind: string;
  /** What stands beside `kind` in the manifest. */
  settings: Readonly<Record<string, unknown>>;
  /** What the system is called in the manifest's provenance: a file, a database. Nothing secret. */
  system: string;
  collections: readonly SurveyedCollection[];
  /** What there is and cannot be given, or was not looked at: each a sentence for whoever wraps it. */
  leftOut: readonly string[];
}

/** A table, a view, or files of one kind. */
export interface SurveyedCollection {
  /** What the manifest says under `from`. */
  from: string;
  /** What its records are called, where that is not `from`: `wells` of `wells-*.csv`. */
  name: string;
  description?: string | undefined;
  /** Undefined where nobody counted. */
  rows: number | undefined;
  /** Whether all rows were looked at; else the first so many. */
  rowsSeen: number;
  columns: readonly SurveyedColumn[];
  /** Sets of columns that the system itself keeps unique, the primary key first. */
  declaredKeys: readonly (readonly string[])[];
  /** Sets of columns that were unique in all rows that were seen, the likeliest key first. */
  observedKeys: readonly (readonly string[])[];
  references: readonly SurveyedReference[];
  /** Columns that stand for the order of rows where there is no key. */
  rowOrder: readonly string[];
  /** The columns that the system finds rows by quickly; undefined where that is all. */
  indexed?: ReadonlySet<string> | undefined;
  /** What it cannot be asked; undefined where it can be asked everything. */
  limits?: CollectionLimits | undefined;
  /** What nobody but the owner knows of the collection as a whole. */
  questions?: readonly string[];
}

/** What a service has no operation for. */
export interface CollectionLimits {
  /** Whether all records can be listed. */
  isListed: boolean;
  /** Whether a list can go on after a record. */
  goesOn: boolean;
  /** Columns that lists can be narrowed by. */
  narrowedBy: ReadonlySet<string>;
  /** Columns that records can be found by that belong to others. */
  relatedBy: ReadonlySet<string>;
}

/** Whether a collection is of files, which promise nothing. */
export function isOfFiles({ rowOrder }: SurveyedCollection): boolean {
  return rowOrder.includes('$line');
}

/** A foreign key. */
export interface SurveyedReference {
  columns: readonly string[];
  /** The `from` of the collection that it leads to. */
  to: string;
  theirs: readonly string[];
  /** Whether records do not say it themselves, so that it only leads back. */
  isUnsaid?: boolean;
}

/** The kinds of leaf that columns can be. */
export type LeafName = 'ID' | 'Int' | 'Float' | 'Boolean' | 'String';

export interface SurveyedColumn {
  name: string;
  leaf: LeafName;
  isList?: boolean;
  /** Whether the system compares its numbers with numbers alone, so that a key of it cannot be asked for by a text. */
  isUntyped?: boolean;
  /** The values that there can be, where the system declares them. */
  values?: readonly string[] | undefined;
  /** Whether the system promises a value in each row. */
  isRequired: boolean;
  /** Whether no row that was seen lacks it. */
  isNeverEmpty: boolean;
  /** Whether it has few values, each in many rows: a list of them is worth narrowing. */
  isCategory: boolean;
  description?: string | undefined;
  /** What the manifest says of its values. */
  mapping?: Pick<FieldMapping, 'number' | 'date' | 'true' | 'false'> | undefined;
  /** What nobody but the owner knows about its values. */
  questions: readonly string[];
}

/** Told how many rows of a collection were looked at, every so often. */
export type SurveyProgress = (collection: string, rows: number) => void;

/** How a system is looked at. */
export interface SurveyOptions {
  /** Where the manifest will stand: paths in it start there. */
  folder: string;
  progress: SurveyProgress;
  /** Ends it early. */
  signal: AbortSignal;
}

/** More rows than this are not looked at in a database, whose own word is worth more. */
export const MAX_DATABASE_ROWS = 10_000;
