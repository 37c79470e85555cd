/** What is done with a field's value. */
export type FieldVerdict =
  /** It is not asked for, and null. */
  | { readonly kind: 'refused' }
  /** It is asked for, and another is given in its place. Null stays null. */
  | { readonly kind: 'masked'; readonly mask: (value: unknown) => unknown };

/** What one caller may see of an operation. */
export interface FieldAccess {
  /** Absent: the value is given as it is. */
  of(typeName: string, fieldName: string): FieldVerdict | undefined;
}

/** Everything as it is. */
export const FULL_ACCESS: FieldAccess = { of: () => undefined };
