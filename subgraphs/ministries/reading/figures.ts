import { readCoordinate } from './coordinate.ts';
import { findQuantity, readQuantity, type Quantity } from './quantity.ts';
import { lastVintage, type Vintage } from './vintage.ts';

/** Which part of a publisher's text an indicator is, and how that part is written. */
export interface Notation {
  /** The unit as the publisher writes it, see {@link readQuantity}; empty for a bare number. */
  written: string;
  /** What stands before the value: `urban:` or `FM`. Default: the value stands first. */
  after?: string | undefined;
  /** Which number of the list in parentheses it is, counted from 1: `(7%/2%/90%)`. */
  listed?: number | undefined;
  /** The text begins with a name: `Mount Logan 5,959 m`. */
  named?: true | undefined;
  /** It is one of a pair of coordinates and given in decimal degrees: `28 36 N, 77 12 E`. */
  coordinate?: 'latitude' | 'longitude' | undefined;
}

/** What a text says of an indicator for one period. */
export interface Figure extends Quantity {
  /** The words it was read from, as published. */
  text: string;
  /** Null where the text does not say. */
  vintage: Vintage | null;
}

/** Stands between the lines of one field. */
const LINE = '++';
/** A date that was put on a line of its own belongs to the line before. */
const ONLY_PARENTHESES = /^\([^()]*\)$/;
/** A first line without figures says what the lines behind it are: `euros (EUR) per US dollar -`. */
const HEADING = /^(?!NA\b)\D*$/;

/**
 * Reads the figures of a text, in the publisher's order. A part of a text is one figure; a series
 * (`6% (2014 est.) ++ 10% (2013 est.)`) has one for each year. A text that does not speak of the indicator has none.
 */
export function readFigures(text: string, notation: Notation): Figure[] {
  const { after, listed, coordinate } = notation;
  if (after === undefined && listed === undefined && coordinate === undefined) return readSeries(text, notation);
  const quantity = readPart(text, notation);
  return quantity ? [{ ...quantity, text: text.trim(), vintage: lastVintage(text) }] : [];
}

function readPart(text: string, { written, after, listed, coordinate }: Notation): Quantity | null {
  if (coordinate !== undefined) return readCoordinate(text, coordinate);
  const part = listed === undefined ? textAfter(text, after ?? '') : memberOf(text, listed);
  return part === null ? null : readQuantity(part, written);
}

function readSeries(text: string, { written, named }: Notation): Figure[] {
  const figures: Figure[] = [];
  for (const line of linesOf(text)) {
    const start = named ? Math.max(0, findQuantity(line, written)) : 0;
    const quantity = readQuantity(line.slice(start), written);
    // Behind the first line a text that is no value is a remark about the ones before it.
    if (quantity.wording !== 'TEXT' || figures.length === 0)
      figures.push({ ...quantity, text: line, vintage: lastVintage(line) });
  }
  return figures;
}

function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (const part of text.split(LINE)) {
    const line = part.trim();
    if (line === '') continue;
    if (ONLY_PARENTHESES.test(line) && lines.length > 0) lines[lines.length - 1] += ` ${line}`;
    else lines.push(line);
  }
  const [heading = '', ...rest] = lines;
  return rest.length > 0 && HEADING.test(heading) ? rest : lines;
}

/** What stands behind some words; null where the text has not got them as whole words. */
function textAfter(text: string, words: string): string | null {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    const before = text[at - 1] ?? ' ';
    if (!/\w/.test(before)) return text.slice(at + words.length);
  }
  return null;
}

function memberOf(text: string, position: number): string | null {
  const members = /\(([^()]*\/[^()]*)\)/.exec(text)?.[1]?.split('/');
  return members?.[position - 1] ?? null;
}
