import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { StartError } from '../program.ts';
import type { SourceValue } from '../record-source.ts';
import type { FileFormat } from '../sources/file-format.ts';
import { TypedTime } from '../sources/typed-time.ts';
import { documentColumn } from './document-column.ts';
import { columnsOfGroup, groupsOf, type FileGroup, type LookedAtFile } from './file-group.ts';
import {
  columnsOfFile,
  FILE_EXTENSIONS,
  formatOf,
  kindOfFile,
  readingOf,
  type FileColumns,
  type FileKind,
} from './record-files.ts';
import { surveyRows } from './row-survey.ts';
import type { Survey, SurveyedCollection, SurveyOptions, SurveyProgress } from './survey.ts';
import type { TextRow } from './unique-sets.ts';

/** A table of more columns is a mistake of its delimiter, or nothing that a person could read. */
const MAX_COLUMNS = 500;
const PROGRESS_EVERY_ROWS = 10_000;

/**
 * Looks at a file of records, or at all those of a folder that are of the kind that most are; every record is read.
 * @throws StartError where there is none, or one cannot be read
 */
export async function surveyFiles(path: string, options: SurveyOptions): Promise<Survey> {
  const isFolder = (await stat(path)).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const { kind, names, others } = isFolder
    ? await filesOf(path)
    : { kind: kindOfFile(path)!, names: [basename(path)], others: [] };
  const [hidden] = names.filter((name) => name.startsWith('.') || name.endsWith('.part'));
  if (hidden !== undefined)
    throw new StartError(
      `${hidden} counts as a file that is still being written; give it a name without a dot before it`,
    );
  const { files, records } = await lookAt(
    names.map((name) => join(folder, name)),
    kind,
    options.signal,
  );
  const leftOut = others.map((name) => `${name}: a folder is of one kind of files, here ${kind}`);
  const collections: SurveyedCollection[] = [];
  for (const group of groupsOf(files))
    collections.push(await surveyGroup(folder, group, { ...options, format: formatOf(kind, records), leftOut }));
  const settings = {
    folder: relative(options.folder, resolve(folder)) || '.',
    ...(records !== undefined && { records }),
  };
  return { kind, settings, system: isFolder ? basename(resolve(path)) : names[0]!, collections, leftOut };
}

async function filesOf(folder: string): Promise<{ kind: FileKind; names: string[]; others: string[] }> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.') && !name.endsWith('.part')).toSorted();
  const byKind = Map.groupBy(names, kindOfFile);
  const [most] = [...byKind]
    .filter(([kind]) => kind !== undefined)
    .toSorted((one, other) => other[1].length - one[1].length);
  if (!most)
    throw new StartError(`${folder} has no file that ends in ${Object.values(FILE_EXTENSIONS).flat().join(', ')}`);
  const [kind, found] = most as [FileKind, string[]];
  return {
    kind,
    names: found,
    others: names.filter((name) => kindOfFile(name) !== undefined && !found.includes(name)),
  };
}

/** Where each file is one record that holds a list of records, that list is what is meant. */
async function lookAt(
  paths: readonly string[],
  kind: FileKind,
  signal: AbortSignal,
): Promise<{ files: LookedAtFile[]; records: string | undefined }> {
  const files = await columnsOfAll(paths, kind, { records: undefined, signal });
  const lists = new Set(files.flatMap(({ columns }) => [...columns.nested.keys()]));
  const isWrapped = lists.size > 0 && files.every(({ columns }) => columns.records === 1);
  if (!isWrapped || files.some(({ columns }) => columns.nested.size !== 1) || lists.size !== 1)
    return { files, records: undefined };
  const [list = ''] = lists;
  const records = kind === 'xml' ? `*/*/${list.replaceAll('.', '/')}` : list;
  return { files: await columnsOfAll(paths, kind, { records, signal }), records };
}

async function columnsOfAll(
  paths: readonly string[],
  kind: FileKind,
  options: { records: string | undefined; signal: AbortSignal },
): Promise<LookedAtFile[]> {
  const files: LookedAtFile[] = [];
  for (const path of paths) {
    const columns = await columnsOfFile(path, kind, options).catch((error: unknown): FileColumns =>
      unreadable(path, error, options.signal),
    );
    files.push({ name: basename(path), columns });
  }
  return files;
}

/** @throws StartError always, or why it was ended */
function unreadable(path: string, error: unknown, signal: AbortSignal): never {
  signal.throwIfAborted();
  throw new StartError(`${path} cannot be read: ${(error as Error).message}`);
}

interface GroupOptions extends SurveyOptions {
  format: FileFormat;
  leftOut: string[];
}

async function surveyGroup(folder: string, group: FileGroup, options: GroupOptions): Promise<SurveyedCollection> {
  const { from, files } = group;
  const { names, leftOut } = columnsOfGroup(group);
  if (names.length > MAX_COLUMNS)
    throw new StartError(`${from} has ${names.length} columns; ${MAX_COLUMNS} are the most that are taken`);
  const rows = new GroupRows(options);
  const paths = files.map(({ name }) => join(folder, name));
  const survey = await rows.untilSteady(() => surveyRows(names, (take) => rows.read(paths, names, take)));
  options.leftOut.push(...leftOut.map((reason) => `${from}: ${reason}`));
  if (rows.aside > 0) options.leftOut.push(`${from}: ${rows.aside} rows, which are put aside: ${rows.whyAside}`);
  if (survey.isCutShort)
    options.leftOut.push(`${from}: it has too many rows to find out all columns that tell them apart`);
  return {
    from,
    name: from.replace(/\.[^.]*$/, '').replaceAll(/[\d*?]+/g, ' '),
    rows: survey.rows + rows.aside,
    rowsSeen: survey.rows,
    columns: survey.columns.map((column) =>
      documentColumn(
        column,
        files.map(({ columns }) => columns),
      ),
    ),
    declaredKeys: [],
    observedKeys: survey.keys,
    references: [],
    rowOrder: ['$file', '$line'],
    questions: fileQuestions(from, files.length),
  };
}

/** A file with a number in its name may be one of several. */
function fileQuestions(from: string, files: number): string[] {
  const [, before, after] = (files === 1 && /^(.*?)\d[\d_.-]*(\.\w+)$/.exec(from)) || [];
  if (before === undefined) return [];
  return [`Do more files of this kind land beside it? Then from: ${JSON.stringify(`${before}*${after}`)}`];
}

/** Says that what was told of a file counts no more, so that all that was learnt is in doubt. */
class ReadAgain extends Error {
  readonly path: string;

  constructor(path: string) {
    super('it is read again in another way');
    this.path = path;
  }
}

/** The rows of a group's files, as the source will take them. */
class GroupRows {
  /** Rows that will be put aside, and why the first of them. */
  aside = 0;
  whyAside = '';
  #rows = 0;
  readonly #format: FileFormat;
  readonly #progress: SurveyProgress;
  readonly #signal: AbortSignal;
  /** Files that are read in another way from their beginning: what is told of them before that does not count. */
  readonly #readAgain = new Set<string>();

  constructor({ format, progress, signal }: GroupOptions) {
    this.#format = format;
    this.#progress = progress;
    this.#signal = signal;
  }

  /** Does something that reads rows; anew, where a file turns out to be one that is read in another way. */
  async untilSteady<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof ReadAgain)) throw error;
        this.#readAgain.add(error.path);
      }
    }
  }

  async read(paths: readonly string[], columns: readonly string[], take: (row: TextRow) => void): Promise<void> {
    this.#rows = this.aside = 0;
    for (const path of paths)
      try {
        await this.#format.read(path, this.#readingOf(path, columns, take));
      } catch (error) {
        if (error instanceof ReadAgain) throw error;
        unreadable(path, error, this.#signal);
      }
  }

  #readingOf(path: string, columns: readonly string[], take: (row: TextRow) => void) {
    const reading = readingOf(columns, this.#signal);
    let counts = !this.#readAgain.has(path);
    const intake = {
      ...reading.intake,
      add: (values: readonly (SourceValue | TypedTime | undefined)[]) => {
        if (!counts) return;
        this.#count(path);
        take(values.map(textIn));
      },
      putAside: (_: number, reason: string) => {
        if (!counts) return;
        this.#count(path);
        if (this.aside === 0) this.whyAside = reason;
        this.aside += 1;
      },
      clear: () => {
        if (counts) throw new ReadAgain(path);
        counts = true;
      },
    };
    return { ...reading, intake };
  }

  #count(path: string): void {
    this.#rows += 1;
    if (this.#rows % PROGRESS_EVERY_ROWS === 0) this.#progress(basename(path), this.#rows);
  }
}

function textIn(value: SourceValue | TypedTime | undefined): string | undefined {
  if (value instanceof TypedTime) return value.iso;
  return value === null || value === undefined || typeof value === 'object' ? undefined : String(value);
}
