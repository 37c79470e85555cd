import type { ComparisonRules } from './agreement.ts';
import type { ClaimEntry, FactEntry } from './fact-manifest.ts';
import type { FieldSet } from './field-set.ts';

/** Names of fields that lead to one. */
export type FieldPath = readonly string[];

/** Fields of `Provenance` that a claim says by texts. */
export const PROVENANCE_TEXTS = ['source', 'system', 'recordId', 'asOf', 'method', 'quality', 'licence'] as const;

/** Where fields are found: of the record that a claim is read from, or of the fact's type. */
export interface FoundField {
  readonly ofRecord: boolean;
  readonly path: FieldPath;
}

/** A text with fields in it, in parts. */
export type TextParts = readonly (string | FoundField)[];

export interface CheckedClaim {
  readonly entry: ClaimEntry;
  readonly requires: FieldSet;
  readonly record: FieldPath;
  readonly value: FieldPath;
  readonly vintage: FoundField | undefined;
  /** The object that says it, or a text for each of its fields. */
  readonly provenance:
    | { readonly object: FoundField; readonly names: readonly string[] }
    | { readonly texts: ReadonlyMap<string, TextParts>; readonly synthetic: boolean | TextParts | null };
}

/** A fact whose manifest fits the departments' schemas. */
export interface CheckedFact {
  readonly entry: FactEntry;
  /** The field of the fact's type that gives it: `populationFact`. */
  readonly fieldName: string;
  /** The key that the claims' subgraph knows the type by. */
  readonly key: FieldSet;
  /** What all claims require together. */
  readonly requires: FieldSet;
  readonly rules: ComparisonRules;
  readonly claims: readonly CheckedClaim[];
}
