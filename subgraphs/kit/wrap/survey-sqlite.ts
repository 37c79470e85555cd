import { basename, relative, resolve } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { StartError } from '../program.ts';
import { surveyRows } from './row-survey.ts';
import {
  MAX_DATABASE_ROWS,
  type Survey,
  type SurveyedCollection,
  type SurveyedColumn,
  type SurveyedReference,
  type SurveyOptions,
} from './survey.ts';

/** Rows are counted up to here. */
const MAX_COUNTED = 10_000_000;

/**
 * Looks at the tables and views of a SQLite file: what it declares, and the first rows of each.
 * @throws StartError where it is none, or has no table
 */
export async function surveySqlite(file: string, options: SurveyOptions): Promise<Survey> {
  using database = new DatabaseSync(file, { readOnly: true, timeout: 1_000 });
  const leftOut: string[] = [];
  const collections: SurveyedCollection[] = [];
  for (const { name } of tablesOf(database, file)) {
    options.signal.throwIfAborted();
    options.progress(name, 0);
    collections.push(await surveyTable(database, name, leftOut));
  }
  return {
    kind: 'sqlite',
    settings: { file: relative(options.folder, resolve(file)) },
    system: basename(file),
    collections,
    leftOut,
  };
}

function tablesOf(database: DatabaseSync, file: string): { name: string }[] {
  let tables: { name: string }[];
  try {
    tables = database
      .prepare(
        `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name`,
      )
      .all() as { name: string }[];
  } catch (error) {
    throw new StartError(`${file} cannot be read as a SQLite file: ${(error as Error).message}`);
  }
  if (tables.length === 0) throw new StartError(`${file} has no tables`);
  return tables;
}

/** A column as the file declares it. */
interface DeclaredColumn {
  name: string;
  type: string;
  required: number;
  pk: number;
}

async function surveyTable(database: DatabaseSync, name: string, leftOut: string[]): Promise<SurveyedCollection> {
  const declared = database
    .prepare(`SELECT name, upper(type) AS type, "notnull" AS required, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1`)
    .all(name) as unknown as DeclaredColumn[];
  const seen = declared.map(() => new SeenValues());
  const select = database.prepare(`SELECT * FROM ${quote(name)} LIMIT ${MAX_DATABASE_ROWS}`);
  select.setReadBigInts(true);
  const texts: (string | undefined)[][] = [];
  for (const row of select.iterate()) {
    const values = declared.map((column) => row[column.name] ?? null);
    values.forEach((value, at) => seen[at]!.add(value));
    texts.push(values.map((value) => (value === null ? undefined : String(value))));
  }
  const names = declared.map((column) => column.name);
  const rows = await surveyRows(names, (take) => texts.forEach(take));
  const usable = declared.filter((column, at) => {
    const reason =
      column.name.trim() === ''
        ? 'a column without a name cannot be asked for'
        : 'it holds bytes, which GraphQL cannot give';
    if (column.name.trim() !== '' && !seen[at]!.hasBytes) return true;
    leftOut.push(`${name}.${column.name}: ${reason}`);
    return false;
  });
  const columns = usable.map((column) => {
    const at = declared.indexOf(column);
    return columnOf(column, rows.columns[at]!, seen[at]!);
  });
  const isUsable = (set: readonly string[]): boolean =>
    set.every((each) => usable.some((column) => column.name === each));
  const indexes = indexesOf(database, name);
  const primary = declared.filter(({ pk }) => pk > 0).toSorted((one, other) => one.pk - other.pk);
  const declaredKeys = [
    primary.map((column) => column.name),
    ...indexes.filter(({ isUnique }) => isUnique).map((index) => index.columns),
  ];
  return {
    from: name,
    name,
    rows: countRows(database, name),
    rowsSeen: rows.rows,
    columns,
    declaredKeys: distinctSets(declaredKeys.filter((set) => set.length > 0 && isUsable(set))),
    observedKeys: rows.keys.filter(isUsable).filter((set) => !set.some((each) => seen[names.indexOf(each)]!.isNoKey)),
    references: referencesOf(database, name).filter(({ columns: own }) => isUsable(own)),
    rowOrder: columns.slice(0, 1).map((column) => column.name),
    indexed: new Set([
      ...(primary[0] ? [primary[0].name] : []),
      ...indexes.flatMap((index) => index.columns.slice(0, 1)),
    ]),
  };
}

/** What the values of a column are, which in SQLite need not be what was declared. */
class SeenValues {
  hasBytes = false;
  hasTexts = false;
  hasNumbers = false;
  hasDecimals = false;
  largest = 0;

  get isMixed(): boolean {
    return this.hasTexts && this.hasNumbers;
  }

  /** To SQLite 0 and '0' are two values, and one key of a graph; and no two write a decimal alike. */
  get isNoKey(): boolean {
    return this.isMixed || this.hasDecimals;
  }

  add(value: SQLOutputValue): void {
    if (value === null) return;
    if (typeof value === 'string') this.hasTexts = true;
    else if (typeof value === 'bigint') {
      this.hasNumbers = true;
      this.largest = Math.max(this.largest, Math.abs(Number(value)));
    } else if (typeof value === 'number') this.hasNumbers = this.hasDecimals = true;
    else this.hasBytes = true;
  }
}

function columnOf(declared: DeclaredColumn, texts: SurveyedColumn, seen: SeenValues): SurveyedColumn {
  const { name, required, pk, type } = declared;
  const rest = {
    name,
    isRequired: required === 1 || (pk === 1 && type === 'INTEGER'),
    isNeverEmpty: texts.isNeverEmpty,
    isCategory: texts.isCategory,
  };
  if (seen.isMixed)
    return {
      ...rest,
      leaf: 'String',
      questions: [`It is declared ${type || 'without a type'} and holds numbers and texts. Which is right?`],
    };
  if (seen.hasTexts) return { ...rest, ...asText(texts) };
  if (/BOOL/.test(type) && seen.largest <= 1 && !seen.hasDecimals) return { ...rest, leaf: 'Boolean', questions: [] };
  if (!seen.hasNumbers) return { ...rest, leaf: leafOfDeclared(type), questions: [] };
  if (seen.hasDecimals || /REAL|FLOA|DOUB|NUM|DEC/.test(type)) return { ...rest, leaf: 'Float', questions: [] };
  return { ...rest, leaf: seen.largest < 2 ** 31 ? 'Int' : 'Float', questions: [], isUntyped: type === '' };
}

/** Numbers that are kept as texts stay texts where they are written plainly; other ways of writing are told the manifest. */
function asText({
  leaf,
  mapping,
  description,
  questions,
}: SurveyedColumn): Pick<SurveyedColumn, 'leaf' | 'mapping' | 'description' | 'questions'> {
  if (leaf === 'String' || mapping) return { leaf, mapping, description, questions };
  return { leaf: 'String', questions: [] };
}

/** By the rules of SQLite. @see https://www.sqlite.org/datatype3.html#determination_of_column_affinity */
function leafOfDeclared(type: string): SurveyedColumn['leaf'] {
  if (/INT/.test(type)) return 'Int';
  if (/BOOL/.test(type)) return 'Boolean';
  return /REAL|FLOA|DOUB|NUM|DEC/.test(type) ? 'Float' : 'String';
}

function countRows(database: DatabaseSync, name: string): number {
  const { rows } = database
    .prepare(`SELECT count(*) AS rows FROM (SELECT 1 FROM ${quote(name)} LIMIT ${MAX_COUNTED})`)
    .get() as { rows: number };
  return rows;
}

function indexesOf(database: DatabaseSync, name: string): { isUnique: boolean; columns: string[] }[] {
  const rows = database
    .prepare(
      `SELECT list."unique" AS isUnique, (SELECT json_group_array(info.name) FROM pragma_index_info(list.name) AS info) AS columns
       FROM pragma_index_list(?) AS list WHERE NOT list.partial ORDER BY list.seq`,
    )
    .all(name) as { isUnique: number; columns: string }[];
  return rows
    .map(({ isUnique, columns }) => ({ isUnique: isUnique === 1, columns: JSON.parse(columns) as (string | null)[] }))
    .filter((index): index is { isUnique: boolean; columns: string[] } => !index.columns.includes(null));
}

/** A reference that does not name the other's columns means its primary key. */
function referencesOf(database: DatabaseSync, name: string): SurveyedReference[] {
  const rows = database
    .prepare(
      `SELECT reference.id, reference."table" AS target, reference."from" AS ours,
         coalesce(reference."to", (SELECT name FROM pragma_table_xinfo(reference."table") WHERE pk = reference.seq + 1)) AS theirs
       FROM pragma_foreign_key_list(?) AS reference ORDER BY reference.id, reference.seq`,
    )
    .all(name) as { id: number; target: string; ours: string; theirs: string | null }[];
  const byId = Map.groupBy(rows, ({ id }) => id);
  return [...byId.values()]
    .filter((parts) => parts.every(({ theirs }) => theirs !== null))
    .map((parts) => ({
      columns: parts.map(({ ours }) => ours),
      to: parts[0]!.target,
      theirs: parts.map(({ theirs }) => theirs!),
    }));
}

function distinctSets(sets: readonly string[][]): string[][] {
  return [...new Map(sets.map((set) => [JSON.stringify(set.toSorted()), set])).values()];
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
