import type { Caller } from '../caller.ts';
import type { AnswerError } from '../errors.ts';

/** What is done with a field's value. */
export type FieldVerdict =
  /** It is not asked for, and null. */
  | { readonly kind: 'refused' }
  /** It is asked for, and another is given in its place. Null stays null. */
  | { readonly kind: 'masked'; readonly mask: (value: unknown) => unknown }
  /** It is asked for, and given, as the record that has it decides. */
  | RecordGuard;

/** Decides for each record. */
export interface RecordGuard {
  readonly kind: 'byRecord';
  /** One for fields about which the same is decided. */
  readonly id: string;
  /** @param record what decides of it, by field name */
  decide(record: Readonly<Record<string, unknown>>, caller: Caller): RecordVerdict;
}

/** What is done with a field's value in one record, and by which rule. */
export type RecordVerdict = RuleOutcome &
  (
    | { readonly kind: 'given' }
    /** @param coordinate `Type.field` */
    | { readonly kind: 'refused'; error(coordinate: string): AnswerError }
    | {
        readonly kind: 'masked';
        readonly mask: (value: unknown) => unknown;
        /** What the client is told of it. @param coordinate `Type.field` */
        told(coordinate: string): object;
      }
  );

/** What a rule came to. */
export interface RuleOutcome {
  readonly outcome: string;
  /** Its id. */
  readonly rule: string;
}

/** What was decided about a field of some records. */
export interface DecidedField extends RuleOutcome {
  /** `Type.field` */
  readonly coordinate: string;
}

/** A field of which the record decides who may see it. */
export interface GuardedField {
  readonly typeName: string;
  readonly fieldName: string;
  /** Fields of a type with one number are decided about together. */
  readonly guard: number;
  /** What of the record is looked at, such as `enterprise.uscc`. */
  readonly paths: readonly string[];
}

/** What one caller may see of an operation. */
export interface FieldAccess {
  /** Absent: the value is given as it is. */
  of(typeName: string, fieldName: string): FieldVerdict | undefined;
  /** All fields of the supergraph whose verdict is `byRecord`; the same list each time. */
  readonly guarded: readonly GuardedField[];
  /**
   * What must not be asked for a field's sake beside what is `guarded`, where the field tolerates that it is missing; undefined where the field
   * tolerates nothing.
   */
  withheldFrom(typeName: string, fieldName: string): readonly GuardedField[] | undefined;
}

/** Everything as it is. */
export const FULL_ACCESS: FieldAccess = { of: () => undefined, guarded: [], withheldFrom: () => undefined };
