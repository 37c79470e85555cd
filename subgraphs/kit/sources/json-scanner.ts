/** Told of the records of a document as they are found. */
export interface JsonPieces {
  /** A record's text. @param line where it begins, counted from 1 */
  record(text: string, line: number): void;
  /** A record that is too long to be one; it is passed over. */
  tooLong(line: number): void;
}

/** More than a record of anything has. */
export const MAX_RECORD_CHARACTERS = 1_048_576;
/** Lists and objects in each other. */
const MAX_DEPTH = 100;

/** Signs that matter outside of texts, and in them: no text of JSON has a line's end in it, so that one ends a text that nobody closed. */
const SIGN = /["[\]{},:]/g;
const TEXT_SIGN = /["\\\n]/g;

/**
 * Finds the records of a JSON document without reading them: what stands between the commas of one list. So a record that is no JSON
 * takes no other along, and only one is in memory. The document is given piece by piece.
 */
export class JsonScanner {
  /** Names that lead to the list; none where the document is the list. */
  readonly #path: readonly string[];
  readonly #pieces: JsonPieces;
  /** What is open, each with the name whose value it is. */
  readonly #open: { sign: string; name: string | undefined }[] = [];
  /** How deep the list is whose values are records; undefined outside of it. */
  #listDepth: number | undefined;
  #isFound = false;
  #isInText = false;
  #isEscaped = false;
  /** The last text outside of records, which may be a name, and the name whose value comes. */
  #text = '';
  #name: string | undefined;
  /** The beginning of a record that stands in earlier pieces; null where it is too long to be one. */
  #before: string | null = '';
  #recordLine = 0;
  #chunk = '';
  /** Where in the piece the text or record under way begins, and up to where its lines are counted. */
  #from = 0;
  #counted = 0;
  #line = 1;

  constructor(path: readonly string[], pieces: JsonPieces) {
    this.#path = path;
    this.#pieces = pieces;
  }

  /** Whether the list was there. */
  get isFound(): boolean {
    return this.#isFound;
  }

  /** Whether nothing is open, as at the end of a document. */
  get isClosed(): boolean {
    return this.#open.length === 0 && !this.#isInText;
  }

  /** The line that the last piece ended on. */
  get line(): number {
    return this.#line;
  }

  /** @throws Error where what is closed is not open, or too much is */
  write(chunk: string): void {
    [this.#chunk, this.#from, this.#counted] = [chunk, 0, 0];
    let at = this.#isInText ? this.#endOfText(0) : nextSign(SIGN, chunk, 0);
    while (at !== -1) {
      this.#take(chunk[at]!, at);
      at = this.#isInText ? this.#endOfText(at + 1) : nextSign(SIGN, chunk, at + 1);
    }
    this.#carry();
    this.#countTo(chunk.length);
  }

  /** Where a text under way ends, past signs that a backslash makes stand for themselves. */
  #endOfText(from: number): number {
    let at = this.#isEscaped ? from + 1 : from;
    this.#isEscaped = false;
    for (;;) {
      at = nextSign(TEXT_SIGN, this.#chunk, at);
      if (at === -1 || this.#chunk[at] !== '\\') return at;
      this.#isEscaped = at + 1 === this.#chunk.length;
      at += 2;
    }
  }

  #take(sign: string, at: number): void {
    if (this.#isInText) {
      this.#isInText = false;
      if (this.#listDepth === undefined) this.#text += this.#chunk.slice(this.#from, at);
    } else if (sign === '"') {
      this.#isInText = true;
      if (this.#listDepth === undefined) [this.#text, this.#from] = ['', at + 1];
    } else if (sign === '[' || sign === '{') this.#begin(sign, at);
    else if (sign === ']' || sign === '}') this.#end(sign, at);
    else if (sign === ',' && this.#open.length === this.#listDepth) this.#endRecord(at);
    else if (sign === ':' && this.#listDepth === undefined) this.#name = nameIn(this.#text);
  }

  #begin(sign: string, at: number): void {
    this.#open.push({ sign, name: this.#name });
    this.#name = undefined;
    if (this.#open.length > MAX_DEPTH)
      throw new Error(`more than ${MAX_DEPTH} lists and objects in each other (line ${this.#countTo(at)})`);
    if (this.#listDepth !== undefined || sign !== '[' || !this.#isAtPath()) return;
    this.#listDepth = this.#open.length;
    this.#isFound = true;
    [this.#before, this.#from] = ['', at + 1];
  }

  /** What is closed closes with it what was left open in it: a record's own fault, which is told when it is read. */
  #end(sign: string, at: number): void {
    const opener = sign === ']' ? '[' : '{';
    const place = this.#open.findLastIndex((open) => open.sign === opener);
    if (place === -1) throw new Error(`${sign} where nothing is open for it (line ${this.#countTo(at)})`);
    if (this.#listDepth !== undefined && place < this.#listDepth) {
      this.#endRecord(at);
      this.#listDepth = undefined;
    }
    this.#open.length = place;
  }

  #isAtPath(): boolean {
    const names = this.#open.slice(1).map(({ name }) => name);
    return names.length === this.#path.length && names.every((name, at) => name === this.#path[at]);
  }

  #endRecord(at: number): void {
    const text = this.#before === null ? '' : this.#before + this.#chunk.slice(this.#from, at);
    const line =
      this.#before === '' ? this.#countTo(this.#from + (text.length - text.trimStart().length)) : this.#recordLine;
    [this.#before, this.#from] = ['', at + 1];
    if (text.trim() === '') return;
    if (text.length > MAX_RECORD_CHARACTERS) this.#pieces.tooLong(line);
    else this.#pieces.record(text, line);
  }

  /** Keeps what is under way of a record or a name for the next piece. */
  #carry(): void {
    const rest = this.#chunk.slice(this.#from);
    if (this.#listDepth === undefined) {
      if (this.#isInText && this.#text.length < MAX_RECORD_CHARACTERS) this.#text += rest;
      return;
    }
    if (this.#before === '') {
      const blanks = rest.length - rest.trimStart().length;
      this.#recordLine = this.#countTo(this.#from + blanks);
      this.#before = rest.slice(blanks);
    } else if (this.#before !== null) this.#before += rest;
    if (this.#before === null || this.#before.length <= MAX_RECORD_CHARACTERS) return;
    this.#pieces.tooLong(this.#recordLine);
    this.#before = null;
  }

  /** The line of a place in the piece; places come in their order. */
  #countTo(at: number): number {
    for (;;) {
      const next = this.#chunk.indexOf('\n', this.#counted);
      if (next === -1 || next >= at) return this.#line;
      this.#line += 1;
      this.#counted = next + 1;
    }
  }
}

/** A name as it is meant: `\u0061` is `a`. */
function nameIn(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}

function nextSign(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}
