/** When a figure was true, as its publisher says. */
export interface Vintage {
  /** The year, or the first and last year of a span, of which the figure speaks. ISO 8601: `2014`, `2010/2015`. */
  period: string;
  /** The last year of the period. */
  year: number;
  /** The last day, month or year it speaks of, as exactly as the publisher says it. ISO 8601: `2014-12-31`, `2015-07`, `2014`. */
  asOf: string;
  /** Whether the publisher calls it an estimate, a projection or a forecast. */
  estimated: boolean;
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** `July 2015 est.`, `31 December 2014`, `2010-15 est.`, `FY08/09`, `4th quarter, 2011 est.`, `2015 February est.` */
const DATE = new RegExp(
  String.raw`^(?:FY ?|CY ?|as of |(?:1st|2nd|3rd|4th) quarter,? |(?:first|second) half,? |Q[1-4] )?` +
    String.raw`(?:(?<day>\d{1,2}) )?(?:(?<month>${MONTHS.join('|')}),? )?` +
    String.raw`(?<from>(?:19|20)\d{2}|(?<=FY)\d{2})(?:[-/](?<to>\d{4}|\d{2}))?(?: (?<late>${MONTHS.join('|')}))?` +
    String.raw`(?<estimated>,? (?:est\.?|projected|forecast))?$`,
  'i',
);
const GROUP = /\(([^()]*)\)/g;

/** Reads what stands between a pair of parentheses. Null where it is no date. */
export function readVintage(text: string): Vintage | null {
  const found = DATE.exec(text.trim().replace(/\s+/g, ' '))?.groups;
  if (!found) return null;
  const from = wholeYear(found['from'] ?? '', '20');
  const to = found['to'] === undefined ? from : wholeYear(found['to'], from.slice(0, 2));
  if (to < from) return null;
  return {
    period: from === to ? from : `${from}/${to}`,
    year: Number(to),
    asOf: to + dayOfYear(found['month'] ?? found['late'], found['day']),
    estimated: found['estimated'] !== undefined,
  };
}

/** The last date in parentheses of a text, which is the one the publisher puts behind the figures; null where there is none. */
export function lastVintage(text: string): Vintage | null {
  let last: Vintage | null = null;
  for (const [, inside = ''] of text.matchAll(GROUP)) last = readVintage(inside) ?? last;
  return last;
}

function wholeYear(digits: string, century: string): string {
  return digits.length === 2 ? century + digits : digits;
}

function dayOfYear(monthName: string | undefined, day: string | undefined): string {
  const month = MONTHS.findIndex((name) => name.toLowerCase() === monthName?.toLowerCase()) + 1;
  if (month === 0) return '';
  return `-${String(month).padStart(2, '0')}${day === undefined ? '' : `-${day.padStart(2, '0')}`}`;
}
