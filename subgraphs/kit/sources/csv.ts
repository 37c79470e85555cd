import { stat } from 'node:fs/promises';
import { basename, matchesGlob, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { systemUnavailable } from '../faults.ts';
import { suggestion } from '../manifest/strict-object.ts';
import { StartError } from '../program.ts';
import type { CollectionShape, RecordSource } from '../record-source.ts';
import type { CollectionUse, SourceContext, SourceKind } from '../source-kind.ts';
import { watchFolder, type WatchedFolder } from '../watched-folder.ts';
import { looseName } from './csv-dialect.ts';
import { readCsv, type CsvSettings, type RowTaker } from './csv-rows.ts';
import { createTables, type FileReport, type ImportTables, type RowIntake } from './import-tables.ts';
import { makeImportFolder } from './import-folder.ts';
import { sqliteSource } from './sqlite-database.ts';

const settings = z.strictObject({
  folder: z.string().min(1).describe('the path of the folder that the files land in'),
  delimiter: z.string().min(1).optional().describe('what stands between fields'),
  encoding: z
    .string()
    .refine(isEncoding, 'must be an encoding as TextDecoder calls it, such as utf-8 or gb18030')
    .optional()
    .describe('an encoding, such as gb18030'),
  quotes: z.boolean().default(true).describe('false where quotes are signs like others'),
});
type Settings = z.infer<typeof settings>;

/** For one file; a million rows take some seconds. */
const READ_TIMEOUT_MS = 600_000;

/** Tables of what a source knows of its files. */
const OWN_COLLECTIONS = ['$files', '$aside'];

/**
 * A folder that CSV files land in. A collection is a pattern of file names, such as `kwh-*.csv`, of which all files together are one
 * table; `$files` lists the files, `$aside` what was put aside of them and what does not fit, with line and reason.
 */
export const csvKind: SourceKind<Settings> = {
  settings,
  converts: true,
  open: (given, context) => openFolder(given, context),
};

async function openFolder(given: Settings, context: SourceContext): Promise<RecordSource> {
  const { holds, remedy } = context;
  const folder = resolve(context.folder, given.folder);
  const uses = new Map([...context.collections].filter(([name]) => !OWN_COLLECTIONS.includes(name)));
  const own = await makeImportFolder();
  const tables = createTables(own.database, uses);
  const reader = new DatabaseSync(own.database, { readOnly: true, timeout: 1_000 });
  const importer = new FileImporter(tables, given, uses);
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
    const sqlite = sqliteSource({ database: reader, file: folder, holds, views: {} });
    return new CsvFolder(sqlite, { importer, watched, holds, close: async () => (await watched.close(), close()) });
  } catch (error) {
    await close();
    throw error;
  }
}

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}

/** Reads files into their tables, one after the other. */
class FileImporter {
  readonly #tables: ImportTables;
  readonly #settings: CsvSettings;
  readonly #uses: ReadonlyMap<string, CollectionUse>;
  /** Names in the headers of a collection's files. */
  readonly headers = new Map<string, Set<string>>();
  /** Files with rows that were put aside because another one had their key: it may be gone. */
  readonly #withDuplicates = new Map<string, number>();
  #settledAt = 0;

  constructor(tables: ImportTables, given: CsvSettings, uses: ReadonlyMap<string, CollectionUse>) {
    this.#tables = tables;
    this.#settings = given;
    this.#uses = uses;
  }

  get uses(): ReadonlyMap<string, CollectionUse> {
    return this.#uses;
  }

  /** Reads a file. Never throws: what cannot be read is in the report. */
  async read(path: string): Promise<FileReport> {
    const file = basename(path);
    const collection = [...this.#uses.keys()].find((pattern) => matchesGlob(file, pattern)) ?? null;
    this.#tables.begin(file);
    const report = collection === null ? untaken(file, [...this.#uses.keys()]) : await this.#take(path, collection);
    if (report.fault === CHANGED) this.#tables.rollback();
    else {
      this.#tables.note(report);
      this.#tables.commit();
    }
    return report;
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

  async #take(path: string, collection: string): Promise<FileReport> {
    const file = basename(path);
    const intake = this.#tables.intake(collection, file);
    const taker = this.#takerFor(collection, intake);
    const report = { file, collection, encoding: null, delimiter: null, readAt: Date.now(), fault: null };
    try {
      const before = await stat(path);
      const signal = AbortSignal.timeout(READ_TIMEOUT_MS);
      const dialect = await readCsv(path, this.#settings, { taker, signal });
      const after = await stat(path);
      const isSame = before.size === after.size && before.mtimeMs === after.mtimeMs;
      return { ...report, ...intake.counts(), ...dialect, fault: isSame ? null : CHANGED };
    } catch (error) {
      return { ...report, ...intake.counts(), fault: (error as Error).message };
    } finally {
      if (intake.hasDuplicates()) this.#withDuplicates.set(file, report.readAt);
      else this.#withDuplicates.delete(file);
    }
  }

  #takerFor(collection: string, intake: RowIntake): RowTaker {
    let places: number[] = [];
    let width = 0;
    return {
      header: (names) => {
        this.headers.set(collection, new Set([...(this.headers.get(collection) ?? []), ...names]));
        const loose = names.map(looseName);
        places = intake.columns.map((column) => loose.indexOf(looseName(column)));
        width = names.length;
        const { keys } = this.#uses.get(collection)!;
        const missing = keys.flat().filter((column) => places[intake.columns.indexOf(column)] === -1);
        if (missing.length > 0) throw new Error(`the header has no column ${[...new Set(missing)].join(', ')}`);
      },
      row(fields, line) {
        if (fields.length === width)
          intake.add(
            places.map((place) => fields[place]),
            line,
          );
        else intake.putAside(line, `${fields.length} fields; the header has ${width}`);
      },
      again: () => intake.clear(),
    };
  }
}

/** Whoever writes it is not done. It is read again, and until then what was read before stands. */
const CHANGED = 'it changed while it was read';

function untaken(file: string, patterns: readonly string[]): FileReport {
  const fault = `no type is read from it; files are ${patterns.join(', ')}`;
  const nothing = { collection: null, encoding: null, delimiter: null, rowsKept: 0, rowsAside: 0 };
  return { file, ...nothing, readAt: Date.now(), fault };
}

interface CsvParts {
  importer: FileImporter;
  watched: WatchedFolder<FileReport>;
  holds: string;
  close(): Promise<void>;
}

/** The files of a folder as a source: questions go to the tables that they were read into. */
class CsvFolder implements RecordSource {
  readonly #sqlite: RecordSource;
  readonly #parts: CsvParts;

  constructor(sqlite: RecordSource, parts: CsvParts) {
    this.#sqlite = sqlite;
    this.#parts = parts;
  }

  async describe(collection: string): Promise<CollectionShape> {
    const { uses, headers } = this.#parts.importer;
    if (!uses.has(collection) && !OWN_COLLECTIONS.includes(collection))
      throw new StartError(`there is no ${collection}${suggestion(collection, [...uses.keys(), ...OWN_COLLECTIONS])}`);
    const shape = await this.#sqlite.describe(collection);
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
    return this.#sqlite.byKeys(...asked);
  }

  related(...asked: Parameters<RecordSource['related']>) {
    return this.#sqlite.related(...asked);
  }

  async page(...asked: Parameters<RecordSource['page']>) {
    if (asked[0].collection === '$files') this.#checkListed();
    return this.#sqlite.page(...asked);
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
