import { isEnumType, type GraphQLLeafType } from 'graphql';

/** Checks a leaf value; gives what is answered, or undefined where the type forbids the value. */
export type Leaf = (value: unknown) => unknown;

const MAX_INT = 2_147_483_647;
const MIN_INT = -2_147_483_648;

/**
 * Compiles the check of a leaf type (GraphQL specification, section 3.5, result coercion). Values of custom scalars are
 * passed on: only the departments know what they allow.
 */
export function compileLeaf(type: GraphQLLeafType): Leaf {
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().map(({ name }) => name));
    return (value) => (names.has(value) ? value : undefined);
  }
  return BUILT_IN[type.name] ?? ((value) => value);
}

const BUILT_IN: Readonly<Record<string, Leaf>> = {
  Int: (value) =>
    Number.isInteger(value) && (value as number) <= MAX_INT && (value as number) >= MIN_INT ? value : undefined,
  // A number that JSON can write but a double cannot hold was read as infinity.
  Float: (value) => (Number.isFinite(value) ? value : undefined),
  String: (value) => (typeof value === 'string' ? value : undefined),
  Boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  // An ID may be a number in a department's JSON; to clients it is a string.
  ID: (value) => (typeof value === 'string' ? value : Number.isSafeInteger(value) ? String(value) : undefined),
};
