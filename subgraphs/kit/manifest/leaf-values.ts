import { isEnumType, isLeafType, isListType, isNonNullType, type GraphQLOutputType } from 'graphql';
import type { SourceValue } from '../record-source.ts';
import { Misfit } from '../misfit.ts';

/** Makes a source's value one of a GraphQL type, or says what it is not. Null is the caller's. */
export type LeafReader = (value: Exclude<SourceValue, null>) => unknown;

/** How values of a field's type are read; undefined where the type is not of leaves. */
export function leafReader(type: GraphQLOutputType): LeafReader | undefined {
  if (isNonNullType(type)) return leafReader(type.ofType as GraphQLOutputType);
  if (isListType(type)) return listReader(type.ofType);
  if (isEnumType(type)) {
    const misfit = new Misfit(
      `one of ${type
        .getValues()
        .map(({ name }) => name)
        .join(', ')}`,
    );
    return (value) => (typeof value === 'string' && type.getValue(value) ? value : misfit);
  }
  if (!isLeafType(type)) return undefined;
  return Object.hasOwn(BUILT_IN, type.name) ? BUILT_IN[type.name] : (value) => value;
}

function listReader(itemType: GraphQLOutputType): LeafReader | undefined {
  const read = leafReader(itemType);
  if (!read) return undefined;
  const misfit = new Misfit('a list');
  return (value) =>
    Array.isArray(value) ? value.map((item: SourceValue) => (item === null ? null : read(item))) : misfit;
}

const TEXT = new Misfit('a text');
const KEY = new Misfit('a text or a whole number');
const INT = new Misfit('a whole number of 32 bits');
const FLOAT = new Misfit('a number');
const BOOLEAN = new Misfit('true or false');

const BUILT_IN: Readonly<Record<string, LeafReader>> = {
  String: (value) => (typeof value === 'object' ? TEXT : String(value)),
  ID(value) {
    if (typeof value === 'string' || typeof value === 'bigint') return String(value);
    return typeof value === 'number' && Number.isInteger(value) ? String(value) : KEY;
  },
  Int(value) {
    const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
    return typeof number === 'number' && (number | 0) === number ? number : INT;
  },
  Float(value) {
    if (typeof value === 'bigint') return Number(value);
    const isNumeral = typeof value === 'string' && /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(value);
    const number = isNumeral ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : FLOAT;
  },
  Boolean(value) {
    if (typeof value === 'boolean') return value;
    if (value === 1 || value === 'true') return true;
    return value === 0 || value === 'false' ? false : BOOLEAN;
  },
};
