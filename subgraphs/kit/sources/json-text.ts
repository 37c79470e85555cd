import type { SourceRow, SourceValue } from '../record-source.ts';

/** Undefined where it is no JSON. Numbers with more digits than a double keeps are texts. */
export function parseJson(text: string): SourceValue | undefined {
  try {
    if (!LONG_NUMBER.test(text)) return JSON.parse(text) as SourceValue;
    return JSON.parse(text, (_, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' && context?.source !== undefined && isTooLong(context.source) ? context.source : value,
    ) as SourceValue;
  } catch {
    return undefined;
  }
}

/** What a double keeps in any case. */
const SAFE_DIGITS = 15;
const LONG_NUMBER = /\d[\d.]{15}/;

function isTooLong(number: string): boolean {
  return number.replace(/e.*$/i, '').replaceAll(/[-.]/g, '').replace(/^0+/, '').length > SAFE_DIGITS;
}

export function isObject(value: SourceValue | undefined): value is SourceRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
