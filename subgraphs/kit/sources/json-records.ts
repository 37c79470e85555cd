import { extname } from 'node:path';
import { UnfinishedFile, type FileDialect, type FileReading } from './file-format.ts';
import { JsonScanner, MAX_RECORD_CHARACTERS } from './json-scanner.ts';
import { isObject, parseJson } from './json-text.ts';
import { RecordColumns } from './record-columns.ts';
import { decodedFile, recogniseEncoding, startOf } from './text-encoding.ts';

/** How a file is written; what is not said is found out. */
export interface JsonSettings {
  encoding?: string | undefined;
  /** Names that lead to the list of records, with dots between. */
  records?: string | undefined;
  /** Whether each line is a record. */
  lines?: boolean | undefined;
}

/** Endings of files in which each line is a record. */
const LINES = ['.jsonl', '.ndjson'];
const TOO_LONG = `longer than a record may be: ${MAX_RECORD_CHARACTERS} characters`;

/**
 * Reads a file of JSON record by record, in the memory of one.
 *
 * @throws UnfinishedFile where it ends before its list does; Error where it holds no list of records
 */
export async function readJson(path: string, given: JsonSettings, reading: FileReading): Promise<FileDialect> {
  const encoding = given.encoding ?? (await recogniseEncoding(path, reading.signal)).label;
  const chunks = decodedFile(path, encoding, reading.signal);
  const taker = new RecordTaker(reading);
  const hasLines =
    given.lines ??
    (given.records === undefined &&
      (LINES.includes(extname(path).toLowerCase()) || isRecord(firstLine(await startOf(path, encoding)))));
  if (hasLines) await readLines(chunks, taker);
  else await readList(chunks, given.records?.split('.') ?? [], taker);
  return { encoding, delimiter: null };
}

/** Takes records as texts. What is none is put aside. */
class RecordTaker {
  readonly #reading: FileReading;
  readonly #columns: RecordColumns;

  constructor(reading: FileReading) {
    this.#reading = reading;
    this.#columns = new RecordColumns(reading.intake.columns, reading.use.structures);
  }

  take(text: string, line: number): void {
    const value = parseJson(text);
    if (isObject(value)) {
      this.#reading.onRecord?.(value);
      this.#reading.intake.add(this.#columns.valuesOf(value), line);
    } else this.#reading.intake.putAside(line, value === undefined ? 'it is no JSON' : 'it is no object');
  }

  /** A record that went wrong may have taken others along: of those, each that is a line by itself is one. */
  record(text: string, line: number): void {
    if (!text.trim().includes('\n') || parseJson(text) !== undefined) return this.take(text, line);
    const lines = text
      .trimStart()
      .split('\n')
      .map((each) => each.trim().replace(/,$/, ''));
    if (!lines.some(isRecord)) return this.take(text, line);
    lines.forEach((each, at) => each !== '' && this.take(each, line + at));
  }

  tooLong(line: number): void {
    this.#reading.intake.putAside(line, TOO_LONG);
  }
}

async function readList(chunks: AsyncIterable<string>, names: readonly string[], taker: RecordTaker): Promise<void> {
  const scanner = new JsonScanner(names, taker);
  let whole = '';
  for await (const chunk of chunks) {
    scanner.write(chunk);
    if (!scanner.isFound && whole.length <= MAX_RECORD_CHARACTERS) whole += chunk;
  }
  if (!scanner.isClosed) throw new UnfinishedFile(`it ends before what it holds does (line ${scanner.line})`);
  if (scanner.isFound) return;
  // Without a list and without a name for one, a document is a record.
  if (names.length === 0 && isObject(parseJson(whole))) return taker.take(whole, 1);
  const where = names.length === 0 ? 'the document is no list' : `there is no list at ${names.join('.')}`;
  throw new Error(whole.trim() === '' ? 'the file is empty' : `${where}, so that it holds no records`);
}

async function readLines(chunks: AsyncIterable<string>, taker: RecordTaker): Promise<void> {
  let rest = '';
  let line = 0;
  const take = (text: string): void => {
    line += 1;
    if (text.length > MAX_RECORD_CHARACTERS) taker.tooLong(line);
    else if (text.trim() !== '') taker.take(text, line);
  };
  for await (const chunk of chunks) {
    const lines = chunk.split('\n');
    // Of a line that is too long no more is kept than shows it.
    if (rest.length <= MAX_RECORD_CHARACTERS) rest += lines[0];
    for (const next of lines.slice(1)) {
      take(rest);
      rest = next;
    }
  }
  take(rest);
}

function firstLine(start: string): string {
  return start.trimStart().split('\n', 1)[0]!;
}

function isRecord(text: string): boolean {
  return text.trimStart().startsWith('{') && isObject(parseJson(text));
}
