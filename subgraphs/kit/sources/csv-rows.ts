import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parse, type CsvError } from 'csv-parse';
import { parse as parseText } from 'csv-parse/sync';
import { recogniseDelimiter } from './csv-dialect.ts';
import { decodedFile, recogniseEncoding, startOf } from './text-encoding.ts';

/** How a file is written; what is not said is found out. */
export interface CsvSettings {
  encoding?: string | undefined;
  delimiter?: string | undefined;
  /** Whether fields may stand in quotes. */
  quotes: boolean;
}

/** How a file was read. */
export interface CsvDialect {
  encoding: string;
  delimiter: string;
}

/** Told of each row as it is read; nothing of it is kept. */
export interface RowTaker {
  /** The first row, before any other. @throws Error where it will not do */
  header(names: readonly string[]): void;
  /** @param line where it ends, counted from 1 */
  row(fields: readonly string[], line: number): void;
  /** All that was told so far counts no more: the file is read again from its beginning, in another way. */
  again(): void;
}

/** More than a row of anything has. What is longer is a quote that nobody closed. */
const MAX_ROW_CHARACTERS = 1_048_576;

/**
 * Reads a file row by row, in constant memory.
 *
 * A quote that is not closed where it should be would take rows after it along. A file with such a one is read again, each line by
 * itself, so that it takes nothing but its own.
 *
 * @throws Error where it cannot be read; what was told before still stands
 */
export async function readCsv(
  path: string,
  settings: CsvSettings,
  { taker, signal }: { taker: RowTaker; signal: AbortSignal },
): Promise<CsvDialect> {
  const encoding = settings.encoding ?? (await recogniseEncoding(path, signal)).label;
  const delimiter = settings.delimiter ?? recogniseDelimiter(await startOf(path, encoding));
  const dialect = { encoding, delimiter };
  try {
    await readRows(path, dialect, { quotes: settings.quotes, taker, signal });
  } catch (error) {
    if (!settings.quotes || !isOpenQuote(error)) throw error;
    taker.again();
    await readRows(path, dialect, { quotes: false, taker: lineByLine(taker, delimiter), signal });
  }
  return dialect;
}

async function readRows(
  path: string,
  { encoding, delimiter }: CsvDialect,
  { quotes, taker, signal }: { quotes: boolean; taker: RowTaker; signal: AbortSignal },
): Promise<void> {
  let rows = 0;
  const parser = parse({
    delimiter,
    quote: quotes ? '"' : false,
    relax_column_count: true,
    skip_empty_lines: true,
    bom: true,
    max_record_size: MAX_ROW_CHARACTERS,
    // Rows are taken as they are parsed and go no further: nothing waits, and nothing is kept.
    on_record(fields: string[], { lines }) {
      rows += 1;
      if (rows > 1) taker.row(fields, lines);
      else taker.header(fields.map((name) => name.trim()));
    },
  });
  parser.resume();
  if (encoding === 'utf-8') await pipeline(createReadStream(path, { signal }), parser, { signal });
  else await pipeline(decodedFile(path, encoding, signal), parser, { signal });
  if (rows === 0) throw new Error('the file is empty; its first row must be the header');
}

const QUOTE_FAULTS: ReadonlySet<string> = new Set([
  'CSV_QUOTE_NOT_CLOSED',
  'CSV_INVALID_CLOSING_QUOTE',
  'INVALID_OPENING_QUOTE',
  'CSV_MAX_RECORD_SIZE',
]);

function isOpenQuote(error: unknown): boolean {
  const { code } = error as CsvError;
  return QUOTE_FAULTS.has(code);
}

/** Rows as their lines are, with quotes read in each line alone. */
function lineByLine(taker: RowTaker, delimiter: string): RowTaker {
  let width = 0;
  const read = (fields: readonly string[]): readonly string[] => {
    if (!fields.some((field) => field.includes('"'))) return fields;
    const quoted = readLine(fields.join(delimiter), delimiter);
    return quoted && (width === 0 || quoted.length === width) ? quoted : fields;
  };
  return {
    header(fields) {
      const names = read(fields);
      width = names.length;
      taker.header(names);
    },
    row: (fields, line) => taker.row(read(fields), line),
    again: () => taker.again(),
  };
}

/** Undefined where its quotes do not go together. */
function readLine(line: string, delimiter: string): string[] | undefined {
  try {
    return parseText(line, { delimiter, relax_quotes: true, relax_column_count: true })[0];
  } catch {
    return undefined;
  }
}
