import { conversionOf, plainNumber, type Conversion } from '../manifest/conversions.ts';
import { Misfit } from '../misfit.ts';
import type { SourceValue } from '../record-source.ts';
import type { SurveyedColumn } from './survey.ts';

export type ValueMapping = NonNullable<SurveyedColumn['mapping']>;

/** A way in which the texts of a column can be read. */
export interface TextReading {
  kind: 'number' | 'date' | 'boolean';
  /** What the manifest says for it; undefined where it need not say anything. */
  mapping: ValueMapping | undefined;
  /** Undefined where the text cannot be read so. */
  read(text: string): SourceValue | undefined;
}

/** How numbers are written where they are not written plainly. */
const NUMBERS = ['1,234.56', '1234,56', '1.234,56', '1 234,56', '1 234.56', "1'234.56"];

const DAYS = ['DD.MM.YYYY', 'DD/MM/YYYY', 'MM/DD/YYYY', 'DD-MM-YYYY', 'MM-DD-YYYY', 'YYYY/MM/DD', 'YYYY.MM.DD'];
/** How days and times are written where they are not written as ISO 8601 has them. */
const DATES = DAYS.flatMap((day) => [day, `${day} HH:mm`, `${day} HH:mm:ss`]);

/** Words for true and for false. */
const BOOLEANS: readonly (readonly [string, string])[] = [
  ...([
    ['true', 'false'],
    ['yes', 'no'],
    ['y', 'n'],
    ['t', 'f'],
  ] as const),
  ...([
    ['ja', 'nein'],
    ['j', 'n'],
    ['oui', 'non'],
    ['si', 'no'],
    ['sí', 'no'],
    ['sim', 'não'],
  ] as const),
  ...([
    ['да', 'нет'],
    ['是', '否'],
    ['tak', 'nie'],
    ['ja', 'nee'],
  ] as const),
];

/** Digits that a double holds whatever they are. */
const MAX_DIGITS = 15;

/** All ways that are known; of two that come to the same, the one that needs less said comes first. */
export function textReadings(): TextReading[] {
  return [
    numberReading(undefined, plainNumber),
    ...NUMBERS.map((number) => numberReading({ number }, conversionOf({ number })!)),
    ...DATES.map((date): TextReading => ({ kind: 'date', mapping: { date }, read: readBy(conversionOf({ date })!) })),
    ...BOOLEANS.map(([yes, no]): TextReading => ({
      kind: 'boolean',
      mapping: { true: yes, false: no },
      read(text) {
        const word = text.toLowerCase();
        return word === yes || (word === no ? false : undefined);
      },
    })),
  ];
}

/**
 * Whether a text is digits that are no number, whatever they look like: zeros before it (`007`), a plus (`+49301234`), more digits than a double
 * holds, or a letter that would be taken for an exponent (`12E4`).
 */
export function isCode(text: string): boolean {
  if (/^-?0\d|^\+/.test(text)) return /^[-+]?[\d.,' ]+$/.test(text) && !/^\d+[./-]\d+[./-]/.test(text);
  return /^\d+[eE]\d+$/.test(text) || (/^-?[\d.,' ]+$/.test(text) && text.replaceAll(/\D/g, '').length > MAX_DIGITS);
}

/** Whether a text is a whole number in every way of writing numbers, and nothing else. */
export function isPlainWhole(text: string): boolean {
  return /^-?(?:0|[1-9]\d{0,14})$/.test(text);
}

function numberReading(mapping: ValueMapping | undefined, conversion: Pick<Conversion, 'read'>): TextReading {
  const read = readBy(conversion);
  // Nobody writes 0,125 for a hundred and twenty-five.
  return {
    kind: 'number',
    mapping,
    read: (text) => (mapping && /^-?0[.,' ]\d{3}(?!\d)/.test(text) ? decimalOf(mapping, text, read) : read(text)),
  };
}

/** A zero before a sign that only parts thousands is none that can be read. */
function decimalOf({ number = '' }: ValueMapping, text: string, read: TextReading['read']): SourceValue | undefined {
  const point = number.at(-3);
  return text.replace('-', '').at(1) === point ? read(text) : undefined;
}

function readBy({ read }: Pick<Conversion, 'read'>): TextReading['read'] {
  return (text) => {
    const value = read(text);
    return value instanceof Misfit || value === null ? undefined : value;
  };
}
