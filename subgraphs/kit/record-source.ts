import type { GraphQLError } from 'graphql';
import type { Misfit } from './misfit.ts';

/**
 * The port between a department's graph and its system: what every kind of source can be asked, in the source's own words
 * (collections, columns, plain values). Whoever maps columns to fields stands before it, and what a source is behind it.
 */

/**
 * A value as a source has it. Dates are texts; whole numbers beyond 2^53 are `bigint`, decimals that a double cannot hold texts.
 * A misfit stands where the system broke its own promise of what the value is.
 */
export type SourceValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Misfit
  | readonly SourceValue[]
  | { readonly [name: string]: SourceValue };

/**
 * A row, record or document, by column. A column that it lacks counts as null.
 *
 * Columns whose names begin with `$` are the source's own knowledge of the row: `$file` and `$line` it was read from, `$readAt`
 * (milliseconds since 1970), where that is not the time of the question.
 */
export type SourceRow = Readonly<Record<string, SourceValue>>;

/** One part of a key, as a client or another department says it. */
export type KeyValue = string | number | boolean;

/** How a column must be for a row to be given. Texts are compared without regard to case in `contains` and `startsWith`, as far as the source knows case. */
export type Comparison = 'equals' | 'contains' | 'startsWith' | 'atLeast' | 'atMost';

/** One condition; a row must meet all that are given. */
export interface Condition {
  column: string;
  is: Comparison;
  /** Never a pattern: every sign in it stands for itself. */
  value: KeyValue;
}

/** Rows come by this column; those where it is null come last, whichever the direction. */
export interface Order {
  column: string;
  descending: boolean;
}

/** What every question names. */
interface Question {
  /** A table, view, file pattern, operation: what the manifest says under `from`. */
  collection: string;
  /** The columns that are wanted. A source may give more. */
  select: readonly string[];
}

/** Which rows have these keys? */
export interface KeyQuestion extends Question {
  keyColumns: readonly string[];
  /** Each as long as `keyColumns`; no two the same. */
  keys: readonly (readonly KeyValue[])[];
}

/** Which rows belong to each of these, the first few of each? */
export interface RelatedQuestion extends KeyQuestion {
  /** Which of them. */
  where: readonly Condition[];
  /** Rows of one key at most. */
  first: number;
  /** Ends with columns that tell rows apart, where the order must not change between questions. */
  orderBy: readonly Order[];
}

/** Which rows meet these conditions, after a certain one? */
export interface PageQuestion extends Question {
  where: readonly Condition[];
  /** Ends with columns that tell rows apart. */
  orderBy: readonly Order[];
  /** The last row seen, as its values of `orderBy`; null for the beginning. */
  after: readonly SourceValue[] | null;
  first: number;
}

/** What holds for one question. */
export interface AskOptions {
  /** Aborted when nobody waits any more, or the time is over. The source then lets go as soon as it can and says SYSTEM_UNAVAILABLE. */
  signal: AbortSignal;
}

/** A column of a collection. */
export interface Column {
  name: string;
  /** As the source calls it. */
  type?: string | undefined;
}

/** What is known of a collection before anything is asked. */
export interface CollectionShape {
  /** Undefined where the source only knows when it answers. */
  columns: readonly Column[] | undefined;
}

/** What questions a manifest will ask of a collection, without their values. */
export type QuestionShape =
  | { kind: 'keys'; collection: string; keyColumns: readonly string[] }
  | {
      kind: 'related';
      collection: string;
      keyColumns: readonly string[];
      /** Any of them may be given or not. */
      where: readonly Pick<Condition, 'column' | 'is'>[];
      orderBy: readonly Order[];
    }
  | {
      kind: 'page';
      collection: string;
      /** Any of them may be given or not. */
      where: readonly Pick<Condition, 'column' | 'is'>[];
      orderBy: readonly Order[];
      /** Whether it goes on after a row. */
      hasAfter: boolean;
    };

/** A row; null where there is none; SYSTEM_BAD_ANSWER where several have the key, since none of them can be meant more than the others. */
export type KeyAnswer = SourceRow | null | GraphQLError;

/** The rows of a key; the fault where they alone could not be had. */
export type RelatedAnswer = readonly SourceRow[] | GraphQLError;

/**
 * A department's system as the kit asks it. Every call of `byKeys`, `related` and `page` is one question to the system where
 * the system has such a question, and a bounded number of them where it has not.
 *
 * All of them throw GraphQLError SYSTEM_UNAVAILABLE where the system does not answer, and SYSTEM_BAD_ANSWER where it answers
 * what it must not; what they say may be read by clients. A value that the system cannot have (a text where it keeps numbers, a
 * null character) is no fault: it finds nothing, and spoils no other key of its batch.
 */
export interface RecordSource {
  /**
   * What a collection has; asked once, at the start.
   * @throws StartError where there is no such collection, with the ones there are
   */
  describe(collection: string): Promise<CollectionShape>;
  /**
   * Why it can never answer such a question, or undefined where it can; asked at the start for each field that needs one, after
   * `describe`. The reason stands behind "because".
   */
  refusalOf(question: QuestionShape): string | undefined;
  /** An answer for each key, in the order asked. */
  byKeys(question: KeyQuestion, options: AskOptions): Promise<KeyAnswer[]>;
  /** The rows of each key, in the order asked. */
  related(question: RelatedQuestion, options: AskOptions): Promise<RelatedAnswer[]>;
  page(question: PageQuestion, options: AskOptions): Promise<SourceRow[]>;
  /** What it counts of itself, for `GET /stats`. */
  stats?(): Record<string, unknown>;
  /** Lets go of everything; nothing is asked afterwards. */
  close(): Promise<void>;
}

/** What answers are found by: a key's values as texts, so that `7` and `"7"` are one key. */
export function keyText(values: readonly SourceValue[]): string {
  return values.length === 1 ? textOf(values[0]!) : JSON.stringify(values.map(textOf));
}

/** A value as a text; a list or an object as JSON. */
export function textOf(value: SourceValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The key of a row, as {@link keyText} has it. */
export function keyOfRow(row: SourceRow, keyColumns: readonly string[]): string {
  return keyText(keyColumns.map((column) => row[column] ?? null));
}
