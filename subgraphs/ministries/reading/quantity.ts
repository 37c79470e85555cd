/**
 * How a publisher's text says a value. `EXACT` and `APPROXIMATE` ("about 70") have a value; `RANGE` ("63-66%") and `BOUND` ("less
 * than 1") have limits only, since whatever number were taken would be nobody's; `NOT_AVAILABLE` is the publisher's own
 * "NA"; `TEXT` is what reads as none of these and stays as it is.
 */
export type Wording = 'EXACT' | 'APPROXIMATE' | 'RANGE' | 'BOUND' | 'NOT_AVAILABLE' | 'TEXT';

export interface Quantity {
  wording: Wording;
  value: number | null;
  /** The lowest and highest the value may be; null where the text does not say. */
  low: number | null;
  high: number | null;
}

const SCALES: Readonly<Record<string, number>> = { thousand: 3, million: 6, billion: 9, trillion: 12 };
const ABOUT = /^(?:about|ca\.|approximately|almost|nearly|roughly|around|some|~)\s*/i;
const BELOW = /^(?:less than|fewer than|under|below|up to|<)\s*/i;
const ABOVE = /^(?:more than|at least|over|above|>)\s*/i;
const NOT_AVAILABLE = /^\$?NA\b/;
/** A number with thousands in commas, or one like `.5`. */
const NUMBER = /^([+-]?)\$?([+-]?)(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)/;
/** What may follow a value without changing it: a remark, the next of a list, or nothing. */
const AFTER_VALUE = /^\s*(?:$|[();/]|,(?!\d)|\+\+|-- ?note|- ?note|note\b)/;

/**
 * Reads the value that a text begins with.
 *
 * @param unit how the publisher writes the unit: `sq km`, `% of GDP`; `$` for one that stands before the number; empty for a
 *   bare number. A text in another unit is `TEXT`, never a number of this one
 */
export function readQuantity(text: string, unit: string): Quantity {
  const trimmed = text.trim();
  if (NOT_AVAILABLE.test(trimmed)) return without('NOT_AVAILABLE');
  for (const [pattern, wording] of [
    [ABOUT, 'APPROXIMATE'],
    [BELOW, 'BELOW'],
    [ABOVE, 'ABOVE'],
  ] as const) {
    if (!pattern.test(trimmed)) continue;
    const value = readNumber(trimmed.replace(pattern, ''), unit);
    if (value === null) return without('TEXT');
    if (wording === 'APPROXIMATE') return { wording, value, low: null, high: null };
    return { ...without('BOUND'), [wording === 'BELOW' ? 'high' : 'low']: value };
  }
  const value = readNumber(trimmed, unit);
  return value === null ? readRange(trimmed, unit) : { wording: 'EXACT', value, low: null, high: null };
}

/** Where in a text "number unit" stands first, for texts that begin with a name: `Mount Logan 5,959 m`; -1 where nowhere. */
export function findQuantity(text: string, unit: string): number {
  const start = /(?<![\w.,])[+-]?(?:\d|\.\d)/g;
  for (const { index } of text.matchAll(start)) if (readNumber(text.slice(index), unit) !== null) return index;
  return -1;
}

/** One number with its unit and nothing that changes it behind; null where the text says something else. */
function readNumber(text: string, unit: string): number | null {
  const found = readDigits(text, unit);
  if (!found) return null;
  const rest = readUnit(found.rest, unit);
  return rest !== null && AFTER_VALUE.test(rest) ? found.value : null;
}

/** `63-66%`, `$1.5-2 billion`: the scale and the unit stand behind the second number and hold for both. */
function readRange(text: string, unit: string): Quantity {
  const low = NUMBER.exec(text);
  const between = low && /^\s*(?:-|to)\s*(?=[$.\d])/.exec(text.slice(low[0].length));
  if (!low || !between) return without('TEXT');
  const second = text.slice(low[0].length + between[0].length);
  const high = readNumber(second, unit);
  const scale = readDigits(second, unit)?.scale ?? 0;
  const least = toNumber(low, scale);
  return high === null || least > high ? without('TEXT') : { wording: 'RANGE', value: null, low: least, high };
}

function readDigits(text: string, unit: string): { value: number; scale: number; rest: string } | null {
  const found = NUMBER.exec(text);
  if (!found) return null;
  if ((unit === '$') !== found[0].includes('$')) return null;
  const behind = text.slice(found[0].length);
  const word = /^\s*(thousand|million|billion|trillion)\b/i.exec(behind);
  const scale = SCALES[word?.[1]?.toLowerCase() ?? ''] ?? 0;
  return { value: toNumber(found, scale), scale, rest: behind.slice(word?.[0].length ?? 0) };
}

/** The number nearest to what is written: the scale is an exponent of the text, so that `1.052 trillion` is not rounded twice. */
function toNumber([, before = '', behindDollar = '', digits = '']: RegExpExecArray, scale: number): number {
  const sign = before === '-' || behindDollar === '-' ? '-' : '';
  const value = Number(`${sign}${digits.replaceAll(',', '')}e${scale}`);
  return value === 0 ? 0 : value;
}

/** What stands behind the unit; null where the unit is another. */
function readUnit(text: string, unit: string): string | null {
  if (unit === '$' || unit === '') return text;
  const words = text.replace(/\s+/g, ' ').trimStart();
  if (!words.startsWith(unit)) return null;
  const rest = words.slice(unit.length);
  return /^\w/.test(rest) && /\w$/.test(unit) ? null : rest;
}

function without(wording: Wording): Quantity {
  return { wording, value: null, low: null, high: null };
}
