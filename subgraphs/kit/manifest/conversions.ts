import { Misfit } from '../misfit.ts';
import { textOf, type KeyValue, type SourceValue } from '../record-source.ts';
import type { FieldMapping } from './manifest.ts';

/** How a column's own values are read. */
export interface Conversion {
  /** What tells two conversions apart. */
  id: string;
  /** Null stays null. */
  read(value: Exclude<SourceValue, null>): SourceValue | Misfit;
  /** Reads a time that needs no reading, as ISO 8601 has it: cut to the parts that are wanted. Left out: it is a text like others. */
  readTime?(iso: string): string;
  /** What the system calls a value that a client asks for; undefined where it cannot be told. */
  write?(value: KeyValue): KeyValue | undefined;
}

/** A conversion that says in the manifest what it cannot be. */
export class ConversionFault extends Error {
  override name = 'ConversionFault';
}

/**
 * What a mapping says of its column's values; undefined where they are taken as they are.
 * @throws ConversionFault
 */
export function conversionOf(mapping: FieldMapping): Conversion | undefined {
  const { number, date, values, trim } = mapping;
  const isBoolean = mapping.true !== undefined || mapping.false !== undefined;
  const kinds = [number, date, values, isBoolean || undefined].filter((each) => each !== undefined);
  if (kinds.length > 1) throw new ConversionFault('only one of number, date, true and false, values can hold');
  if (number !== undefined) return trimming(numberConversion(number));
  if (date !== undefined) return trimming(dateConversion(date));
  if (isBoolean) return trimming(booleanConversion(asTexts(mapping.true), asTexts(mapping.false)));
  if (values) return trimming(valueConversion(values));
  return trim ? trimming({ id: 'trim', read: (value) => value, write: (value) => value }) : undefined;
}

/** Blanks around a text never count where it is converted; a text of nothing else is null. */
function trimming(conversion: Conversion): Conversion {
  return {
    ...conversion,
    read(value) {
      if (typeof value !== 'string') return conversion.read(value);
      const text = value.trim();
      return text === '' ? null : conversion.read(text);
    },
  };
}

function numberConversion(example: string): Conversion {
  const [, grouping, point] = /^1([., '_]?)234([.,])56$/.exec(example) ?? [];
  if (grouping === undefined || point === undefined || grouping === point)
    throw new ConversionFault(
      `number must be an example of how the system writes 1234.56, such as "1234,56" or "1.234,56"; it is "${example}"`,
    );
  // People and spreadsheets write blanks that do not break a line.
  const group = grouping === ' ' ? '[ \\u00a0\\u202f]' : RegExp.escape(grouping);
  const whole = grouping === '' ? '\\d+' : `(?:\\d{1,3}(?:${group}\\d{3})+|\\d+)`;
  const shape = new RegExp(`^[-+]?${whole}(?:${RegExp.escape(point)}\\d+)?$`, 'u');
  const groups = grouping === '' ? undefined : new RegExp(group, 'gu');
  const misfit = new Misfit(`a number such as ${example}`);
  return {
    id: `number ${example}`,
    read(value) {
      if (typeof value === 'number' || typeof value === 'bigint') return value;
      if (typeof value !== 'string' || !shape.test(value)) return misfit;
      return Number((groups ? value.replaceAll(groups, '') : value).replace(point, '.'));
    },
  };
}

/** Numbers as most systems write them: `1234.56`. */
export const plainNumber: Conversion = trimming({
  id: 'number',
  read(value) {
    if (typeof value === 'number' || typeof value === 'bigint') return value;
    return typeof value === 'string' && /^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(value) ? Number(value) : PLAIN_NUMBER;
  },
});
const PLAIN_NUMBER = new Misfit('a number such as 1234.56');

/** Parts of a time, and how many digits each has. */
const TIME_PARTS = { YYYY: 4, MM: 2, DD: 2, HH: 2, mm: 2, ss: 2 } as const;

/** Times come out as ISO 8601 has them, as far as they go: `2025-12`, `2025-12-31`, `2025-12-31T23:59`. */
function dateConversion(parts: string): Conversion {
  const names = [...parts.matchAll(/YYYY|MM|DD|HH|mm|ss/g)].map(([part]) => part as keyof typeof TIME_PARTS);
  const order = Object.keys(TIME_PARTS).slice(0, names.length);
  if (names.length === 0 || new Set(names).size < names.length || order.some((part) => !names.includes(part as never)))
    throw new ConversionFault(
      `date must be of YYYY, MM, DD, HH, mm, ss, none twice and none left out between; it is "${parts}"`,
    );
  const pieces = parts.split(/(YYYY|MM|DD|HH|mm|ss)/).map((piece) => {
    const digits = TIME_PARTS[piece as keyof typeof TIME_PARTS] as number | undefined;
    return digits === undefined ? RegExp.escape(piece) : `(?<${piece}>\\d{${digits}})`;
  });
  const shape = new RegExp(`^${pieces.join('')}$`, 'u');
  const misfit = new Misfit(`a time such as ${parts}`);
  return {
    id: `date ${parts}`,
    read(value) {
      const found = typeof value === 'string' ? shape.exec(value)?.groups : undefined;
      return (found && isoTime(found)) ?? misfit;
    },
    readTime: (iso) => iso.slice(0, ISO_LENGTHS[names.length - 1]),
  };
}

/** Undefined where there is no such time, such as on the 31st of February. */
function isoTime(parts: Record<string, string>): string | undefined {
  const { YYYY = '', MM = '01', DD = '01', HH = '00', mm = '00', ss = '00' } = parts;
  const whole = `${YYYY}-${MM}-${DD}T${HH}:${mm}:${ss}`;
  const time = Date.parse(`${whole}Z`);
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(whole)) return undefined;
  return whole.slice(0, ISO_LENGTHS[Object.keys(parts).length - 1]);
}

/** How long a time is that has a year, a year and a month, and so on. */
const ISO_LENGTHS = [4, 7, 10, 13, 16, 19];

function booleanConversion(yes: ReadonlySet<string> | undefined, no: ReadonlySet<string> | undefined): Conversion {
  const listed = [...(yes ?? []), ...(no ?? [])];
  if (new Set(listed).size < listed.length) throw new ConversionFault('a value cannot stand for true and for false');
  const misfit = new Misfit(`one of ${listed.join(', ')}`);
  return {
    id: `boolean ${JSON.stringify([[...(yes ?? [])], [...(no ?? [])]])}`,
    read(value) {
      const text = textOf(value);
      if (yes?.has(text)) return true;
      if (no?.has(text)) return false;
      if (typeof value === 'boolean') return value;
      // Where only one is named, all else is the other.
      return yes && no ? misfit : !yes;
    },
    write: (value) => [...((value === true ? yes : no) ?? [])][0],
  };
}

function asTexts(values: FieldMapping['true']): ReadonlySet<string> | undefined {
  if (values === undefined) return undefined;
  return new Set((Array.isArray(values) ? values : [values]).map(String));
}

function valueConversion(values: Readonly<Record<string, string | number>>): Conversion {
  const known = new Map(Object.entries(values));
  const written = new Map([...known].toReversed().map(([own, meant]) => [String(meant), own]));
  const misfit = new Misfit(`one of ${[...known.keys()].join(', ')}`);
  return {
    id: `values ${JSON.stringify(values)}`,
    read: (value) => known.get(textOf(value)) ?? misfit,
    write: (value) => written.get(String(value)),
  };
}
