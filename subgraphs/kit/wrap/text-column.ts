import { textOf, type SourceValue } from '../record-source.ts';
import type { SurveyedColumn } from './survey.ts';
import { isCode, isPlainWhole, textReadings, type TextReading, type ValueMapping } from './text-readings.ts';

type Shape = Pick<SurveyedColumn, 'leaf' | 'mapping' | 'questions' | 'description'>;

/** A way of reading a column, and how far it goes. */
interface Candidate extends TextReading {
  /** Texts that cannot be read so. */
  misfits: number;
  /** What was read where ways differ: two with the same read all values alike. */
  digest: number;
  isWhole: boolean;
  largest: number;
}

/** Among so many values a few may be texts for "none", such as `n/a`. */
const MIN_VALUES_FOR_MISFITS = 20;
const MAX_MISFIT_SHARE = 0.05;
/** A way is given up where more than this, and more than that share, cannot be read. */
const MIN_MISFITS = 3;
/** Values of a column that are remembered. */
const MAX_REMEMBERED = 50;
/** Each value of a category stands in so many rows, in the middle. */
const ROWS_A_CATEGORY = 3;

const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;

/** Learns what a column of texts holds, value by value, in constant memory. */
export class TextColumn {
  readonly name: string;
  #values = 0;
  #empties = 0;
  #candidates: Candidate[] = textReadings().map((reading) => ({
    ...reading,
    misfits: 0,
    digest: 0,
    isWhole: true,
    largest: 0,
  }));
  /** Whole numbers, which every way of writing numbers reads alike and no other reads. */
  #plainWholes = 0;
  #largestWhole = 0;
  #isoDays = 0;
  #isoTimes = 0;
  /** The different values; undefined where there are too many to be remembered. */
  #remembered: Set<string> | undefined = new Set();
  readonly #misfits = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  /** Whether no row lacks it. */
  get isNeverEmpty(): boolean {
    return this.#empties === 0 && this.#values > 0;
  }

  /** Takes the next row's value, as it stands in the file. */
  add(cell: string | undefined): void {
    const text = cell?.trim() ?? '';
    if (text === '') {
      this.#empties += 1;
      return;
    }
    this.#values += 1;
    if (this.#remembered && this.#remembered.add(text).size > MAX_REMEMBERED) this.#remembered = undefined;
    if (ISO_DAY.test(text)) this.#isoDays += 1;
    else if (ISO_TIME.test(text)) this.#isoTimes += 1;
    if (this.#candidates.length > 0) this.#read(text);
  }

  /** What the column is, once all rows were seen. */
  result(): SurveyedColumn {
    const shape = this.#shape();
    const { size } = this.#remembered ?? { size: Number.POSITIVE_INFINITY };
    const isCategory = size > 0 && shape.leaf !== 'Float' && size * ROWS_A_CATEGORY <= this.#values;
    return { name: this.name, isRequired: false, isNeverEmpty: this.isNeverEmpty, isCategory, ...shape };
  }

  #read(text: string): void {
    if (isPlainWhole(text)) {
      this.#plainWholes += 1;
      this.#largestWhole = Math.max(this.#largestWhole, Math.abs(Number(text)));
    } else {
      if (isCode(text)) this.#candidates = this.#candidates.filter(({ kind }) => kind !== 'number');
      const read = this.#candidates.map((candidate) => candidate.read(text));
      const areAlike = read.every((value) => value === read[0]);
      this.#candidates.forEach((candidate, at) => note(candidate, read[at], { text, areAlike }));
      if (read.every((value) => value === undefined) && this.#misfits.size < 3) this.#misfits.add(text);
    }
    if (this.#values >= MIN_VALUES_FOR_MISFITS) this.#candidates = this.#candidates.filter((each) => this.#canBe(each));
  }

  #misfitsOf({ kind, misfits }: Candidate): number {
    return kind === 'number' ? misfits : misfits + this.#plainWholes;
  }

  #canBe(candidate: Candidate): boolean {
    return this.#misfitsOf(candidate) <= Math.max(MIN_MISFITS, this.#values * MAX_MISFIT_SHARE);
  }

  #shape(): Shape {
    if (this.#values === 0) return text('It is empty in all rows. Of what type is it?');
    const allowed = this.#values < MIN_VALUES_FOR_MISFITS ? 0 : this.#values * MAX_MISFIT_SHARE;
    const fitting = this.#candidates.filter((each) => {
      return this.#misfitsOf(each) <= (each.kind === 'boolean' ? 0 : allowed) && this.#isShown(each);
    });
    const least = Math.min(...fitting.map((each) => this.#misfitsOf(each)));
    const [best, ...others] = fitting.filter((each) => this.#misfitsOf(each) === least);
    if (!best) return this.#asText();
    const different = [best, ...others].filter(isFirstOfItsDigest);
    if (different.length > 1) return text(ambiguity(different));
    const shape = best.kind === 'number' ? this.#asNumber(best) : this.#asSaid(best);
    return least === 0 ? shape : { ...shape, questions: [this.#misfitQuestion(best, least), ...shape.questions] };
  }

  /** Both words must be there: who says no may say yes in another language. */
  #isShown({ kind, mapping }: Candidate): boolean {
    if (kind !== 'boolean') return true;
    return [mapping?.true, mapping?.false].every((word) => this.#spellings(word).length > 0);
  }

  /** How a word is written in this column. */
  #spellings(word: unknown): string[] {
    return [...(this.#remembered ?? [])].filter((each) => each.toLowerCase() === word);
  }

  #asText(): Shape {
    if (this.#isoDays === this.#values) return { ...text(), description: 'A day, `YYYY-MM-DD`.' };
    if (this.#isoTimes === this.#values) return { ...text(), description: 'A time, as ISO 8601 writes it.' };
    return text();
  }

  #asNumber({ mapping, isWhole, largest }: Candidate): Shape {
    const isInt = isWhole && Math.max(largest, this.#largestWhole) < 2 ** 31;
    const isFlag = this.#remembered?.size === 2 && this.#remembered.has('0') && this.#remembered.has('1');
    const questions = isFlag
      ? ['It is 0 or 1. Does that say yes or no? Then it is a Boolean, and its mapping { true: 1, false: 0 }']
      : [];
    return { leaf: isInt ? 'Int' : 'Float', questions, ...(mapping && { mapping }) };
  }

  #asSaid({ kind, mapping }: Candidate): Shape {
    if (kind === 'date')
      return {
        leaf: 'String',
        mapping,
        questions: [],
        description: `As ISO 8601 writes it; the system writes \`${mapping!.date}\`.`,
      };
    return {
      leaf: 'Boolean',
      mapping: { true: this.#spellings(mapping!.true), false: this.#spellings(mapping!.false) },
      questions: [],
    };
  }

  #misfitQuestion({ kind }: Candidate, misfits: number): string {
    const examples = [...this.#misfits].map((value) => JSON.stringify(value.slice(0, 30))).join(', ');
    return `${misfits} of ${this.#values} values are no ${kind} (${examples}): they are null with an error that names the row. Should it be a String?`;
  }
}

function isFirstOfItsDigest({ digest }: Candidate, at: number, all: readonly Candidate[]): boolean {
  return all.findIndex((each) => each.digest === digest) === at;
}

function note(
  candidate: Candidate,
  value: SourceValue | undefined,
  { text, areAlike }: { text: string; areAlike: boolean },
): void {
  if (value === undefined) {
    candidate.misfits += 1;
    return;
  }
  if (!areAlike) candidate.digest = mixed(candidate.digest, textOf(value));
  if (typeof value !== 'number') return;
  const point = candidate.mapping?.number?.at(-3) ?? '.';
  candidate.isWhole &&= Number.isInteger(value) && !text.includes(point);
  candidate.largest = Math.max(candidate.largest, Math.abs(value));
}

function mixed(digest: number, value: string): number {
  let next = digest + 1;
  for (let at = 0; at < value.length; at += 1) next = Math.imul(next ^ value.charCodeAt(at), 0x01000193);
  return next;
}

function text(...questions: string[]): Shape {
  return { leaf: 'String', questions };
}

function ambiguity(ways: readonly Candidate[]): string {
  const written = ways.map(({ mapping }) => (mapping ? mappingText(mapping) : 'a plain number'));
  return `Which way is it to be read: ${written.join(', or ')}? All values fit; until the manifest says which, it is a text`;
}

function mappingText(mapping: ValueMapping): string {
  const entries = Object.entries(mapping).map(([name, value]) => `${name}: '${String(value).replaceAll("'", "''")}'`);
  return `{ ${entries.join(', ')} }`;
}
