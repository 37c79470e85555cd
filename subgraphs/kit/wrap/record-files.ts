import { extname } from 'node:path';
import type { SourceRow, SourceValue } from '../record-source.ts';
import { csvFormat } from '../sources/csv.ts';
import type { FileFormat, FileReading } from '../sources/file-format.ts';
import { readJson } from '../sources/json-records.ts';
import { TEXT } from '../sources/record-columns.ts';
import { readSpreadsheet } from '../sources/sheet-records.ts';
import { readXml } from '../sources/xml-records.ts';

/** Kinds of files that records are in. */
export type FileKind = 'csv' | 'json' | 'spreadsheet' | 'xml';

/** Endings of names, by kind. */
export const FILE_EXTENSIONS: Readonly<Record<FileKind, readonly string[]>> = {
  csv: ['.csv', '.tsv', '.tab', '.txt'],
  json: ['.json', '.jsonl', '.ndjson'],
  spreadsheet: ['.xlsx', '.ods'],
  xml: ['.xml'],
};

/** The kind of a file, by its name's ending. */
export function kindOfFile(name: string): FileKind | undefined {
  const extension = extname(name).toLowerCase();
  return (Object.keys(FILE_EXTENSIONS) as FileKind[]).find((kind) => FILE_EXTENSIONS[kind].includes(extension));
}

/** What a value of a document is. */
export type ValueKind = 'boolean' | 'number' | 'text' | 'list';

/** The columns of a file, and what is known of them before their values are looked at. */
export interface FileColumns {
  names: string[];
  /** Of a document's values. */
  kinds: Map<string, Set<ValueKind>>;
  /** Kinds of what is in lists. */
  items: Map<string, Set<ValueKind>>;
  /** Lists of records in records, with how many there are. */
  nested: Map<string, number>;
  records: number;
  /** Whether the files tell numbers and texts apart. */
  hasTypes: boolean;
}

/** How files of a kind are read. @param records where the records are, of JSON and XML */
export function formatOf(kind: FileKind, records: string | undefined): FileFormat {
  switch (kind) {
    case 'csv':
      return csvFormat({ quotes: true });
    case 'json':
      return { read: (path, reading) => readJson(path, { records }, reading) };
    case 'spreadsheet':
      return { read: (path, reading) => readSpreadsheet(path, {}, reading) };
    case 'xml':
      return { read: (path, reading) => readXml(path, { records: records ?? '*/*' }, reading) };
  }
}

/** Rows of a spreadsheet of which one names the columns. */
const MAX_HEADER_ROW = 10;

/** Looks what columns a file has. @throws Error where it cannot be read */
export async function columnsOfFile(
  path: string,
  kind: FileKind,
  { records, signal }: { records: string | undefined; signal: AbortSignal },
): Promise<FileColumns> {
  if (kind === 'json' || kind === 'xml')
    return { ...(await columnsOfRecords(path, formatOf(kind, records), signal)), hasTypes: kind === 'json' };
  const read = kind === 'csv' ? headerOf(path, formatOf(kind, undefined), signal) : sheetHeaderOf(path, signal);
  return {
    names: [...(await read)],
    kinds: new Map(),
    items: new Map(),
    nested: new Map(),
    records: 0,
    hasTypes: false,
  };
}

async function columnsOfRecords(path: string, format: FileFormat, signal: AbortSignal): Promise<FileColumns> {
  const found: FileColumns = {
    names: [],
    kinds: new Map(),
    items: new Map(),
    nested: new Map(),
    records: 0,
    hasTypes: false,
  };
  await format.read(path, {
    ...readingOf([], signal),
    onRecord(record) {
      found.records += 1;
      noteRecord(found, record, '');
    },
  });
  found.names.push(...new Set([...found.kinds.keys(), ...found.items.keys()]));
  return found;
}

/** Objects in objects whose values are columns. */
const MAX_DEPTH = 4;

function noteRecord(found: FileColumns, record: SourceRow, before: string): void {
  for (const [name, value] of Object.entries(record)) {
    if (name === TEXT && before !== '') note(found.kinds, before.slice(0, -1), kindOf(value));
    else noteValue(found, `${before}${name}`, value);
  }
}

function noteValue(found: FileColumns, path: string, value: SourceValue): void {
  if (Array.isArray(value)) {
    const items = value as readonly SourceValue[];
    const isOfRecords = items.some((item) => typeof item === 'object' && item !== null);
    if (isOfRecords) found.nested.set(path, (found.nested.get(path) ?? 0) + items.length);
    else for (const item of items) note(found.items, path, kindOf(item));
  } else if (typeof value === 'object' && value !== null) {
    if (path.split('.').length < MAX_DEPTH) noteRecord(found, value as SourceRow, `${path}.`);
  } else note(found.kinds, path, kindOf(value));
}

function kindOf(value: SourceValue): ValueKind | undefined {
  if (value === null) return undefined;
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'number' || typeof value === 'bigint' ? 'number' : 'text';
}

function note(kinds: Map<string, Set<ValueKind>>, path: string, kind: ValueKind | undefined): void {
  const known = kinds.get(path) ?? new Set();
  if (kind) known.add(kind);
  kinds.set(path, known);
}

/** The names that a file has before its records. */
async function headerOf(path: string, format: FileFormat, signal: AbortSignal): Promise<readonly string[]> {
  let header: readonly string[] | undefined;
  const enough = new AbortController();
  const reading: FileReading = {
    ...readingOf([], AbortSignal.any([signal, enough.signal])),
    header(names) {
      header ??= names;
      enough.abort();
    },
  };
  try {
    await format.read(path, reading);
  } catch (error) {
    signal.throwIfAborted();
    if (!header) throw error;
  }
  return header ?? [];
}

/** The row among the first that names most columns: texts, each once. */
async function sheetHeaderOf(path: string, signal: AbortSignal): Promise<readonly string[]> {
  let best: readonly string[] = [];
  for (let header = 1; header <= MAX_HEADER_ROW; header += 1) {
    const format: FileFormat = { read: (file, reading) => readSpreadsheet(file, { header }, reading) };
    const names = await headerOf(path, format, signal).catch((error: unknown) => {
      // There are fewer rows.
      if (header === 1) throw error;
      return [];
    });
    const texts = new Set(names.filter((name) => !/^[-\d.,]*$/.test(name)));
    if (texts.size > best.length) best = [...texts];
  }
  return best;
}

/** What is told of a file that is only looked at. */
export function readingOf(columns: readonly string[], signal: AbortSignal): FileReading {
  const use = { columns: new Map(), structures: new Map(), keys: [], sought: [] };
  const intake = {
    columns,
    add: () => {},
    putAside: () => {},
    clear: () => {},
    counts: () => ({ rowsKept: 0, rowsAside: 0 }),
    hasDuplicates: () => false,
  };
  return { intake, use, signal, header: () => {} };
}
