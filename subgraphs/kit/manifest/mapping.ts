import type { GraphQLSchema } from 'graphql';
import type { Comparison, KeyValue, Order, SourceValue } from '../record-source.ts';
import type { ProvenanceMapping } from './manifest.ts';

/** How a department's types come out of its source: manifest and SDL, checked against each other and ready to be asked by. */
export interface Mapping {
  schema: GraphQLSchema;
  types: ReadonlyMap<string, TypePlan>;
  queries: ReadonlyMap<string, QueryPlan>;
}

/** A type of records. */
export interface TypePlan {
  name: string;
  /** Undefined where its records are only led to, or stand in others. */
  collection: string | undefined;
  whenMissing: 'null' | 'empty';
  /** By its `@key`s, in their order; those with a key in another object are left to the department's code. */
  keys: readonly KeyPlan[];
  fields: ReadonlyMap<string, FieldPlan>;
  /** Columns that any of its fields needs. */
  select: readonly string[];
  provenance: ProvenanceMapping;
}

export interface KeyPlan {
  parts: readonly KeyPart[];
  columns: readonly string[];
}

/** One field of a key, and its column. */
export interface KeyPart extends AskedValue {
  field: string;
}

/** A value that a client asks by. */
export interface AskedValue {
  column: string;
  /** What can be asked for at all. */
  pattern: RegExp | undefined;
  /** What that is, in words. */
  says: string | undefined;
  /** What the source calls it; undefined where it has no word for it. */
  write(value: KeyValue): KeyValue | undefined;
}

export type FieldPlan =
  | { kind: 'column'; column: string; when: readonly WhenColumn[]; read(value: SourceValue): unknown }
  | { kind: 'nested'; column: string; type: string; isList: boolean }
  | {
      kind: 'one';
      type: string;
      links: readonly Link[];
      /** Values that lead nowhere, as texts. */
      none: ReadonlySet<string>;
    }
  | {
      kind: 'many';
      type: string;
      links: readonly Link[];
      orderBy: readonly Order[];
      first: FirstPlan | undefined;
      where: readonly FilterPlan[];
    }
  | { kind: 'provenance' };

/** What another column must say for a value to count. */
export interface WhenColumn {
  column: string;
  value: string;
}

/** Two columns that are equal where records belong together. */
export interface Link {
  theirs: string;
  ours: string;
}

/** The argument of a list that says how many. A list without one is given whole, or refused where it is too long. */
export interface FirstPlan {
  argument: string;
  fallback: number;
  max: number;
}

export type QueryPlan =
  | { kind: 'get'; type: string; key: KeyPlan; from: string | undefined }
  | {
      kind: 'page';
      type: string;
      orderBy: readonly Order[];
      first: FirstPlan | undefined;
      /** The `after` argument: the key of the last record seen. */
      after: AskedValue | undefined;
      where: readonly FilterPlan[];
    };

export interface FilterPlan extends AskedValue {
  argument: string;
  is: Comparison;
}

/** What is wrong with a manifest, all of it at once. */
export interface Faults {
  /**
   * @param place `file:line:column`
   * @returns nothing, for whoever has nothing to return either
   */
  add(place: string, message: string): undefined;
}
