import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, matchesGlob, relative, resolve } from 'node:path';
import { StartError } from '../program.ts';
import { looseName } from '../sources/loose-name.ts';
import { readCsv, type RowTaker } from '../sources/csv-rows.ts';
import { surveyRows } from './row-survey.ts';
import type { Survey, SurveyedCollection, SurveyOptions, SurveyProgress } from './survey.ts';
import type { TextRow } from './unique-sets.ts';

/** Names of files that are taken for CSV in a folder. */
const EXTENSIONS: ReadonlySet<string> = new Set(['.csv', '.tsv', '.tab', '.txt']);

/** A table of more columns is a mistake of its delimiter, or nothing that a person could read. */
const MAX_COLUMNS = 500;
const PROGRESS_EVERY_ROWS = 10_000;

/**
 * Looks at a CSV file, or at all those of a folder; every row is read.
 * @throws StartError where there is none, or one cannot be read
 */
export async function surveyCsv(path: string, options: SurveyOptions): Promise<Survey> {
  const isFolder = (await stat(path)).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const names = isFolder ? await csvFiles(path) : [basename(path)];
  const [hidden] = names.filter((name) => name.startsWith('.') || name.endsWith('.part'));
  if (hidden !== undefined)
    throw new StartError(
      `${hidden} counts as a file that is still being written; give it a name without a dot before it or .part behind it`,
    );
  const leftOut: string[] = [];
  const collections: SurveyedCollection[] = [];
  for (const group of isFolder
    ? await groupsOf(folder, names, options.signal)
    : [{ from: globOf(names[0]!), files: names }])
    collections.push(await surveyGroup(folder, group, { ...options, leftOut }));
  return {
    kind: 'csv',
    settings: { folder: relative(options.folder, resolve(folder)) || '.' },
    system: isFolder ? basename(resolve(path)) : names[0]!,
    collections,
    leftOut,
  };
}

async function csvFiles(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter(
    (name) => !name.startsWith('.') && EXTENSIONS.has(extname(name).toLowerCase()),
  );
  if (names.length === 0) throw new StartError(`${folder} has no file that ends in ${[...EXTENSIONS].join(', ')}`);
  return names.toSorted();
}

/** Files that are one table. */
interface FileGroup {
  from: string;
  files: string[];
}

/** Files whose names differ in their numbers alone, and that have the same header, are one table: a month each, say. */
async function groupsOf(folder: string, names: readonly string[], signal: AbortSignal): Promise<FileGroup[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const header = await headerOf(join(folder, name), signal);
    const alike = JSON.stringify([name.replaceAll(/\d+/g, '*'), header.map(looseName)]);
    groups.set(alike, [...(groups.get(alike) ?? []), name]);
  }
  return [...groups.values()].flatMap((files) => {
    const from = files.length === 1 ? globOf(files[0]!) : patternOf(files);
    const matchesOthers = names.some((name) => !files.includes(name) && matchesGlob(name, from));
    return matchesOthers ? files.map((file) => ({ from: globOf(file), files: [file] })) : [{ from, files }];
  });
}

/** `kwh-*.csv` of `kwh-2025-11.csv` and `kwh-2025-12.csv`. */
function patternOf(files: readonly string[]): string {
  return globOf(files[0]!).replace(/\d+(?:[-_. ]?\d+)*/g, '*');
}

/** A name as a pattern for itself. */
function globOf(name: string): string {
  return name.replaceAll(/[[\]{}()*?!+@|\\]/g, '?');
}

/** The first row of a file. */
async function headerOf(path: string, signal: AbortSignal): Promise<readonly string[]> {
  let header: readonly string[] | undefined;
  const enough = new AbortController();
  const take = (names: readonly string[]): void => {
    header ??= names;
    enough.abort();
  };
  const taker: RowTaker = { header: take, row: () => {}, again: () => {} };
  try {
    await readCsv(path, AS_FOUND, { taker, signal: AbortSignal.any([signal, enough.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    if (!header) throw new StartError(`${path} cannot be read: ${(error as Error).message}`);
  }
  return header ?? [];
}

/** Nothing is said of how a file is written: it is found out, as it will be when the department reads it. */
const AS_FOUND = { quotes: true };

async function surveyGroup(
  folder: string,
  { from, files }: FileGroup,
  { progress, signal, leftOut }: SurveyOptions & { leftOut: string[] },
): Promise<SurveyedCollection> {
  const columns = new CsvColumns();
  for (const file of files) columns.add(await headerOf(join(folder, file), signal));
  if (columns.names.length > MAX_COLUMNS)
    throw new StartError(`${from} has ${columns.names.length} columns; ${MAX_COLUMNS} are the most that are taken`);
  const rows = new GroupRows(columns, progress);
  const walk = async (take: TakeRow): Promise<void> => {
    rows.begin();
    for (const file of files) await rows.read(join(folder, file), take, signal);
  };
  const survey = await rows.untilSteady(() => surveyRows(columns.names, walk));
  leftOut.push(...columns.leftOut.map((reason) => `${from}: ${reason}`));
  if (rows.ragged > 0)
    leftOut.push(`${from}: ${rows.ragged} rows have more or fewer fields than the header, and are put aside`);
  if (survey.isCutShort) leftOut.push(`${from}: it has too many rows to find out all columns that tell them apart`);
  return {
    from,
    name: from.replace(/\.[^.]*$/, '').replaceAll(/[\d*?]+/g, ' '),
    rows: survey.rows + rows.ragged,
    rowsSeen: survey.rows,
    columns: survey.columns,
    declaredKeys: [],
    observedKeys: survey.keys,
    references: [],
    rowOrder: ['$file', '$line'],
    questions: fileQuestions(from, files),
  };
}

/** A file with a number in its name may be one of several. */
function fileQuestions(from: string, files: readonly string[]): string[] {
  const [, before, after] = (files.length === 1 && /^(.*?)\d[\d_.-]*(\.\w+)$/.exec(from)) || [];
  if (before === undefined) return [];
  return [`Do more files of this kind land beside it? Then from: ${JSON.stringify(`${before}*${after}`)}`];
}

type TakeRow = (row: TextRow) => void;

/** The columns of all files of a group, as the source finds them: by their letters and digits alone. */
class CsvColumns {
  readonly names: string[] = [];
  readonly leftOut: string[] = [];

  add(header: readonly string[]): void {
    const seen = new Set<string>();
    for (const [at, name] of header.entries()) {
      const loose = looseName(name);
      if (loose === '' || loose.startsWith('$'))
        this.#leaveOut(`column ${at + 1} has no name that it could be found by`);
      else if (seen.has(loose))
        this.#leaveOut(`column ${at + 1} is called "${name}", as one before it: only the first is read`);
      else if (!this.names.some((known) => looseName(known) === loose)) this.names.push(name);
      seen.add(loose);
    }
  }

  /** Where each of the columns stands in a file. */
  placesIn(header: readonly string[]): number[] {
    const loose = header.map(looseName);
    return this.names.map((name) => loose.indexOf(looseName(name)));
  }

  #leaveOut(reason: string): void {
    if (!this.leftOut.includes(reason)) this.leftOut.push(reason);
  }
}

/** Says that what was told of a file counts no more, so that all that was learnt is in doubt. */
class ReadAgain extends Error {
  readonly file: string;

  constructor(file: string) {
    super('an open quote');
    this.file = file;
  }
}

/** The rows of a group's files, as the source will take them. */
class GroupRows {
  ragged = 0;
  #rows = 0;
  readonly #columns: CsvColumns;
  readonly #progress: SurveyProgress;
  /** Files with a quote that nobody closed: what is told of them before they are read again does not count. */
  readonly #readAgain = new Set<string>();

  constructor(columns: CsvColumns, progress: SurveyProgress) {
    this.#columns = columns;
    this.#progress = progress;
  }

  begin(): void {
    this.#rows = this.ragged = 0;
  }

  /** Does something that reads rows; anew, where a file turns out to be one that is read in another way. */
  async untilSteady<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof ReadAgain)) throw error;
        this.#readAgain.add(error.file);
      }
    }
  }

  async read(path: string, take: TakeRow, signal: AbortSignal): Promise<void> {
    try {
      await readCsv(path, AS_FOUND, { taker: this.#takerOf(path, take), signal });
    } catch (error) {
      if (error instanceof ReadAgain) throw error;
      signal.throwIfAborted();
      throw new StartError(`${path} cannot be read: ${(error as Error).message}`);
    }
  }

  #takerOf(path: string, take: TakeRow): RowTaker {
    let counts = !this.#readAgain.has(path);
    let places: number[] = [];
    let width = 0;
    return {
      header: (names) => {
        width = names.length;
        places = this.#columns.placesIn(names);
      },
      row: (fields) => {
        if (!counts) return;
        this.#rows += 1;
        if (this.#rows % PROGRESS_EVERY_ROWS === 0) this.#progress(basename(path), this.#rows);
        if (fields.length === width) take(places.map((place) => fields[place]));
        else this.ragged += 1;
      },
      again: () => {
        if (counts) throw new ReadAgain(path);
        counts = true;
      },
    };
  }
}
