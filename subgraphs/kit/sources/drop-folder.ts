import { stat } from 'node:fs/promises';
import { basename, matchesGlob, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemUnavailable } from '../faults.ts';
import { suggestion } from '../manifest/strict-object.ts';
import { StartError } from '../program.ts';
import type { CollectionShape, RecordSource } from '../record-source.ts';
import type { CollectionUse, SourceContext } from '../source-kind.ts';
import { watchFolder, type WatchedFolder } from '../watched-folder.ts';
import { UnfinishedFile, type FileDialect, type FileFormat } from './file-format.ts';
import { makeImportFolder } from './import-folder.ts';
import { createTables, type FileReport, type ImportTables } from './import-tables.ts';
import { keptRows } from './kept-structures.ts';
import { looseName } from './loose-name.ts';
import { sqliteSource } from './sqlite-database.ts';

/** For one file; a million rows take some seconds. */
const READ_TIMEOUT_MS = 600_000;

/** Tables of what a source knows of its files. */
const OWN_COLLECTIONS = ['$files', '$aside'];

/**
 * Opens a folder that files land in. A collection is a pattern of file names, such as `kwh-*.csv`, of which all files together are one
 * table; `$files` lists the files, `$aside` what was put aside of them and what does not fit, with line and reason.
 *
 * @throws StartError when the folder is missing or may not be read
 */
export async function openDropFolder(
  folderName: string,
  format: FileFormat,
  context: SourceContext,
): Promise<RecordSource> {
  const { holds, remedy } = context;
  const folder = resolve(context.folder, folderName);
  const uses = new Map([...context.collections].filter(([name]) => !OWN_COLLECTIONS.includes(name)));
  const own = await makeImportFolder();
  const tables = createTables(own.database, uses);
  const reader = new DatabaseSync(own.database, { readOnly: true, timeout: 1_000 });
  const importer = new FileImporter(tables, format, uses);
  const close = async (): Promise<void> => {
    reader.close();
    tables.database.close();
    await own.remove();
  };
  try {
    const watched = await watchFolder<FileReport>({
      folder,
      holds,
      setting: 'source.folder',
      remedy,
      read: (path) => importer.read(path),
      changed: (reports) => importer.settle(folder, reports),
    });
    const rows = keptRows(sqliteSource({ database: reader, file: folder, holds, views: {} }), uses);
    return new DropFolder(rows, { importer, watched, holds, close: async () => (await watched.close(), close()) });
  } catch (error) {
    await close();
    throw error;
  }
}

/** Reads files into their tables, one after the other. */
class FileImporter {
  readonly #tables: ImportTables;
  readonly #format: FileFormat;
  readonly #uses: ReadonlyMap<string, CollectionUse>;
  /** Names in the headers of a collection's files. */
  readonly headers = new Map<string, Set<string>>();
  /** Files with rows that were put aside because another one had their key: it may be gone. */
  readonly #withDuplicates = new Map<string, number>();
  #settledAt = 0;

  constructor(tables: ImportTables, format: FileFormat, uses: ReadonlyMap<string, CollectionUse>) {
    this.#tables = tables;
    this.#format = format;
    this.#uses = uses;
  }

  get uses(): ReadonlyMap<string, CollectionUse> {
    return this.#uses;
  }

  /** Reads a file. Never throws: what cannot be read is in the report. */
  async read(path: string): Promise<FileReport> {
    const file = basename(path);
    const collection = [...this.#uses.keys()].find((pattern) => matchesGlob(file, pattern)) ?? null;
    const before = this.#tables.keptOf(file);
    this.#tables.begin(file);
    if (collection === null) return this.#keep(untaken(file, [...this.#uses.keys()]));
    const { report, isUnfinished } = await this.#take(path, collection);
    const isDone = report.fault !== CHANGED && !(isUnfinished && before);
    if (isDone) return this.#keep(report);
    // What it held before still stands, until it is whole again.
    this.#tables.rollback();
    return before ? this.#tables.noteFault(before, report.fault) : report;
  }

  /** Forgets files that are gone, and reads again those whose rows stood behind others'. */
  async settle(folder: string, reports: readonly FileReport[]): Promise<void> {
    const files = reports.map(({ file }) => file);
    this.#tables.keepOnly(files);
    for (const [file, readAt] of this.#withDuplicates) {
      if (!files.includes(file)) this.#withDuplicates.delete(file);
      else if (readAt <= this.#settledAt) await this.read(resolve(folder, file));
    }
    this.#settledAt = Date.now();
  }

  #keep(report: FileReport): FileReport {
    this.#tables.note(report);
    this.#tables.commit();
    return report;
  }

  async #take(path: string, collection: string): Promise<{ report: FileReport; isUnfinished: boolean }> {
    const file = basename(path);
    const use = this.#uses.get(collection)!;
    const intake = this.#tables.intake(collection, file);
    const signal = AbortSignal.timeout(READ_TIMEOUT_MS);
    const header = (names: readonly string[]): void => this.#noteHeader(collection, names);
    const readAt = Date.now();
    const before = await stateOf(path);
    const outcome = await this.#format.read(path, { intake, use, signal, header }).catch((error: unknown) => error);
    if (intake.hasDuplicates()) this.#withDuplicates.set(file, readAt);
    else this.#withDuplicates.delete(file);
    const report = { file, collection, ...UNKNOWN_DIALECT, ...intake.counts(), readAt, fault: null };
    const isUnfinished = outcome instanceof UnfinishedFile;
    if ((await stateOf(path)) !== before) return { report: { ...report, fault: CHANGED }, isUnfinished };
    const dialect = outcome instanceof Error ? { fault: outcome.message } : (outcome as FileDialect);
    return { report: { ...report, ...dialect }, isUnfinished };
  }

  #noteHeader(collection: string, names: readonly string[]): void {
    this.headers.set(collection, new Set([...(this.headers.get(collection) ?? []), ...names]));
    const loose = new Set(names.map(looseName));
    const missing = this.#uses
      .get(collection)!
      .keys.flat()
      .filter((column) => !loose.has(looseName(column)));
    if (missing.length > 0) throw new Error(`the header has no column ${[...new Set(missing)].join(', ')}`);
  }
}

const UNKNOWN_DIALECT: FileDialect = { encoding: null, delimiter: null };

/** What changes with a file; null where it is gone or may not be read, which reading it says. */
async function stateOf(path: string): Promise<string | null> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return null;
  }
}

/** Whoever writes it is not done. It is read again, and until then what was read before stands. */
const CHANGED = 'it changed while it was read';

function untaken(file: string, patterns: readonly string[]): FileReport {
  const fault = `no type is read from it; files are ${patterns.join(', ')}`;
  const nothing = { collection: null, ...UNKNOWN_DIALECT, rowsKept: 0, rowsAside: 0 };
  return { file, ...nothing, readAt: Date.now(), fault };
}

interface FolderParts {
  importer: FileImporter;
  watched: WatchedFolder<FileReport>;
  holds: string;
  close(): Promise<void>;
}

/** The files of a folder as a source: questions go to the tables that they were read into. */
class DropFolder implements RecordSource {
  readonly #rows: RecordSource;
  readonly #parts: FolderParts;

  constructor(rows: RecordSource, parts: FolderParts) {
    this.#rows = rows;
    this.#parts = parts;
  }

  async describe(collection: string): Promise<CollectionShape> {
    const { uses, headers } = this.#parts.importer;
    if (!uses.has(collection) && !OWN_COLLECTIONS.includes(collection))
      throw new StartError(`there is no ${collection}${suggestion(collection, [...uses.keys(), ...OWN_COLLECTIONS])}`);
    const shape = await this.#rows.describe(collection);
    const names = headers.get(collection);
    if (!names) return shape;
    // A column of the manifest that no file has is a mistake in the manifest, as far as anybody can tell.
    const loose = new Set([...names].map(looseName));
    const found = shape.columns?.filter(({ name }) => name.startsWith('$') || loose.has(looseName(name))) ?? [];
    const others = [...names].filter((name) => !found.some((column) => looseName(column.name) === looseName(name)));
    return { columns: [...found, ...others.map((name) => ({ name }))] };
  }

  refusalOf(): undefined {
    return undefined;
  }

  byKeys(...asked: Parameters<RecordSource['byKeys']>) {
    return this.#rows.byKeys(...asked);
  }

  related(...asked: Parameters<RecordSource['related']>) {
    return this.#rows.related(...asked);
  }

  async page(...asked: Parameters<RecordSource['page']>) {
    if (asked[0].collection === '$files') this.#checkListed();
    return this.#rows.page(...asked);
  }

  stats(): Record<string, unknown> {
    try {
      return { files: this.#parts.watched.contents() };
    } catch (error) {
      return { fault: (error as Error).message };
    }
  }

  close(): Promise<void> {
    return this.#parts.close();
  }

  /** What was read still stands, but whether it is all there is nobody knows. */
  #checkListed(): void {
    try {
      this.#parts.watched.contents();
    } catch (error) {
      throw systemUnavailable(`The folder of the ${this.#parts.holds} cannot be listed.`, error);
    }
  }
}
