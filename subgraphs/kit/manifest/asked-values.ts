import type { KeyValue } from '../record-source.ts';
import { ConversionFault, conversionOf, type Conversion } from './conversions.ts';
import type { TypeMapping } from './manifest.ts';
import type { AskedValue } from './mapping.ts';

/** Of a type, what is needed to ask by its fields. */
export interface AskedScope {
  mapping: TypeMapping;
  /** Columns of its collection; undefined where the source does not say. */
  columns: ReadonlySet<string> | undefined;
  sourceConverts: boolean;
}

/** How a value that a client asks for is said to the source. */
export function writerOf(scope: AskedScope, field: string): AskedValue['write'] {
  const conversion = conversionIn(scope, field);
  if (scope.sourceConverts) return scope.mapping.fields[field]?.number === undefined ? asItIs : asNumber;
  if (!conversion) return asItIs;
  return (value) => conversion.write?.(value);
}

function asItIs(value: KeyValue): KeyValue {
  return value;
}

/** Where a key is kept as a number, a client may still say it as a text. */
function asNumber(value: KeyValue): KeyValue | undefined {
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Whether the source can be asked by a field's values at all. */
export function canAskBy(scope: AskedScope, field: string): boolean {
  const conversion = conversionIn(scope, field);
  return !conversion || scope.sourceConverts || conversion.write !== undefined;
}

/** @throws nothing: what is wrong is a fault, told once where the field is mapped */
function conversionIn({ mapping }: Pick<AskedScope, 'mapping'>, field: string): Conversion | undefined {
  try {
    return conversionOf(mapping.fields[field] ?? {});
  } catch (error) {
    if (!(error instanceof ConversionFault)) throw error;
    return undefined;
  }
}

/** The column of a field: what the manifest says, else the one of its name, written as it is or with underscores. */
export function columnOf({ mapping, columns }: Pick<AskedScope, 'mapping' | 'columns'>, field: string): string {
  const said = mapping.fields[field]?.column;
  if (said !== undefined) return said;
  const withUnderscores = field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return columns && !columns.has(field) && columns.has(withUnderscores) ? withUnderscores : field;
}
