import type { z } from 'zod';
import type { Conversion } from './manifest/conversions.ts';
import type { RecordSource } from './record-source.ts';

/** A kind of system: which settings it has in a manifest, and how it is opened. */
export interface SourceKind<Settings = never> {
  /** What stands beside `kind` in the manifest. Each setting's description says what it must be: "it must be …". */
  settings: z.ZodObject;
  /** Settings that may be secret: they must come from the environment. Of those that hold several values, such as headers, what is named like a secret. */
  secrets?: readonly string[];
  /**
   * Whether it converts values when it takes them in, so that they are asked for converted. Then a value that does not fit is
   * given as bytes, which fit nothing. Default: values are converted when they are read.
   */
  converts?: true;
  /** @throws StartError where there is nothing to read */
  open(settings: Settings, context: SourceContext): Promise<RecordSource>;
}

/** What a source is told beside its settings. */
export interface SourceContext {
  department: string;
  /** What it holds, as messages call it: `municipal register`. */
  holds: string;
  /** What to do where there is nothing to read, with what stands before it: `; npm start makes it`. Empty where nothing is said. */
  remedy: string;
  /** What a setting is called where it can be changed: the environment variable that the manifest takes it from, if it takes one. */
  nameOf(setting: string): string;
  /** The manifest's folder: relative paths start here. */
  folder: string;
  /** What will be asked of each collection. */
  collections: ReadonlyMap<string, CollectionUse>;
}

/** What a department will ask of a collection, as far as it is known before the source is. */
export interface CollectionUse {
  /** Every column that it names, with how its values are to be read. */
  columns: ReadonlyMap<string, Conversion | undefined>;
  /** Columns whose values are lists or objects, and which of the two. */
  structures: ReadonlyMap<string, 'list' | 'object'>;
  /** Sets of columns by which one row is found. */
  keys: readonly (readonly string[])[];
  /** Sets of columns by which rows are looked for or put in order. */
  sought: readonly (readonly string[])[];
}
