import { StartError } from '../program.ts';
import { openDatabase, type DepartmentDatabase } from '../sources/postgres-database.ts';
import { readCatalog, readSchemas, type Catalog, type CatalogColumn, type CatalogTable } from './postgres-catalog.ts';
import { surveyRows } from './row-survey.ts';
import {
  MAX_DATABASE_ROWS,
  type LeafName,
  type Survey,
  type SurveyedCollection,
  type SurveyedColumn,
  type SurveyOptions,
} from './survey.ts';

/** For one statement; a table of many rows is counted in it. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** Rows are counted up to here. */
const MAX_COUNTED = 1_000_000;
/** Of a text so much is looked at. */
const LOOKED_AT_CHARACTERS = 200;
/** Digits of a decimal that a double holds. */
const MAX_DOUBLE_DIGITS = 15;

export interface PostgresOptions extends SurveyOptions {
  /** What the manifest says for the address: a reference to the environment. */
  reference: string;
  /** The schema whose tables are meant. Default: the one that has any, or `public`. */
  schema: string | undefined;
}

/**
 * Looks at the tables and views of a schema: what the server declares and says of them, and the first rows of each.
 * @throws StartError where the server cannot be reached, or has no table there
 */
export async function surveyPostgres(url: string, options: PostgresOptions): Promise<Survey> {
  const { reference, progress, signal } = options;
  const database = await openDatabase({
    databaseUrl: url,
    timeoutMs: STATEMENT_TIMEOUT_MS,
    department: 'switchyard wrap',
    holds: 'database',
    setting: 'the address',
  });
  try {
    const schemas = await readSchemas(database);
    const schema = options.schema ?? theSchema(schemas);
    const catalog = await readCatalog(database, schema);
    const others = schemas.filter((each) => each !== schema);
    const leftOut =
      others.length > 0 ? [`other schemas with tables: ${others.join(', ')}; --schema takes one of them`] : [];
    const collections: SurveyedCollection[] = [];
    for (const table of catalog.tables) {
      signal.throwIfAborted();
      progress(table.name, 0);
      const collection = await surveyTable({ database, schema, catalog, leftOut }, table);
      if (collection) collections.push(collection);
    }
    if (collections.length === 0)
      throw new StartError(
        `the schema ${schema} has no tables that can be read${others.length > 0 ? ` (${leftOut[0]})` : ''}`,
      );
    return {
      kind: 'postgres',
      settings: { url: reference, ...(schema !== 'public' && { schema }) },
      system: nameOf(url),
      collections,
      leftOut,
    };
  } finally {
    await database.close();
  }
}

/** The database's name, which tells nothing of who may read it. */
function nameOf(url: string): string {
  return decodeURIComponent(URL.parse(url)?.pathname.slice(1) || 'postgres');
}

function theSchema(schemas: readonly string[]): string {
  const [first = 'public', ...others] = schemas;
  if (others.length === 0 || schemas.includes('public')) return schemas.includes('public') ? 'public' : first;
  throw new StartError(`there are tables in several schemas: ${schemas.join(', ')}; name one with --schema`);
}

interface SchemaScope {
  database: DepartmentDatabase;
  schema: string;
  catalog: Catalog;
  leftOut: string[];
}

async function surveyTable(
  { database, schema, catalog, leftOut }: SchemaScope,
  table: CatalogTable,
): Promise<SurveyedCollection | undefined> {
  const { oid, name } = table;
  if (name.includes('.')) {
    leftOut.push(`${name}: a manifest cannot name a table with a point in its name; make a view of another name`);
    return undefined;
  }
  const all = catalog.columns.filter((column) => column.table === oid);
  const own = all.filter((column) => leafOf(column) !== undefined);
  for (const { name: column, type } of all.filter((each) => !own.includes(each)))
    leftOut.push(`${name}.${column}: values of type ${type} cannot be given`);
  const from = `${quote(schema)}.${quote(name)}`;
  let texts: Record<string, string | null>[];
  try {
    texts = await database.query(
      `SELECT ${own.map(asText).join(', ') || '1 AS nothing'} FROM ${from} LIMIT ${MAX_DATABASE_ROWS}`,
      [],
    );
  } catch (error) {
    leftOut.push(
      `${name}: it cannot be read: ${((error as Error).cause as Error | undefined)?.message ?? (error as Error).message}`,
    );
    return undefined;
  }
  const names = own.map((column) => column.name);
  const rows = await surveyRows(names, (take) =>
    texts.forEach((row) => take(names.map((column) => row[column] ?? undefined))),
  );
  const indexes = catalog.indexes.flatMap(({ table: of, columns, isUnique }) =>
    of === oid && columns ? [{ columns, isUnique }] : [],
  );
  const canBeKey = (set: readonly string[]): boolean =>
    set.every((each) => own.some((column) => column.name === each && KEY_TYPES.has(column.type)));
  return {
    from: name,
    name,
    description: table.comment ?? undefined,
    rows: texts.length < MAX_DATABASE_ROWS ? texts.length : await countRows(database, from),
    rowsSeen: texts.length,
    columns: own.map((column, at) => columnOf(column, rows.columns[at]!)),
    declaredKeys: indexes
      .filter(({ isUnique }) => isUnique)
      .map(({ columns }) => columns)
      .filter(canBeKey),
    observedKeys: rows.keys.filter(canBeKey),
    references: catalog.references
      .filter((reference) => reference.table === oid && canBeKey(reference.columns))
      .flatMap(({ columns, to, theirs }) => {
        const target = catalog.tables.find((each) => each.oid === to);
        return target ? [{ columns, to: target.name, theirs }] : [];
      }),
    rowOrder: names.slice(0, 1),
    indexed: new Set(indexes.flatMap(({ columns }) => columns.slice(0, 1))),
  };
}

async function countRows(database: DepartmentDatabase, from: string): Promise<number | undefined> {
  const [row] = await database
    .query<{ rows: number }>(`SELECT count(*) AS rows FROM (SELECT 1 FROM ${from} LIMIT ${MAX_COUNTED}) AS counted`, [])
    .catch(() => []);
  return row?.rows;
}

const NUMBERS: Readonly<Record<string, LeafName>> = {
  int2: 'Int',
  int4: 'Int',
  int8: 'Float',
  float4: 'Float',
  float8: 'Float',
  numeric: 'Float',
};
const TEXTS = [
  'text',
  'varchar',
  'bpchar',
  'name',
  'citext',
  'uuid',
  'date',
  'timestamp',
  'timestamptz',
  'time',
  'timetz',
  'inet',
  'cidr',
  'macaddr',
  'xml',
  'char',
];
/** Types whose values are the same text whoever writes them. */
const KEY_TYPES = new Set(['int2', 'int4', 'int8', 'text', 'varchar', 'bpchar', 'citext', 'uuid', 'date', 'name']);

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  date: 'A day, `YYYY-MM-DD`.',
  timestamp: 'A time as ISO 8601 writes it, without a time zone.',
  timestamptz: 'A time as ISO 8601 writes it, in UTC.',
};

/** Undefined for types whose values are no leaf: bytes, JSON, intervals. */
function leafOf({ type, labels }: CatalogColumn): LeafName | undefined {
  const single = type.startsWith('_') ? type.slice(1) : type;
  // Decimals in lists come as doubles.
  if (Object.hasOwn(NUMBERS, single)) return type === '_int8' ? undefined : NUMBERS[single];
  if (single === 'bool') return 'Boolean';
  return labels !== null || TEXTS.includes(single) ? 'String' : undefined;
}

function columnOf(column: CatalogColumn, texts: SurveyedColumn): SurveyedColumn {
  const { name, type, required, comment, labels, digits } = column;
  const isExact = type === 'numeric' && (digits === null || digits > MAX_DOUBLE_DIGITS);
  const leaf = leafOf(column)!;
  const question = digits === null ? 'It is a numeric of any number of digits' : `It is a numeric of ${digits} digits`;
  const isText = ['text', 'varchar', 'bpchar'].includes(type);
  // A text may hold days in a way of its own.
  const read = isText && texts.mapping !== undefined ? { leaf: texts.leaf, mapping: texts.mapping } : {};
  return {
    name,
    leaf,
    isList: type.startsWith('_'),
    ...(labels && !type.startsWith('_') && { values: labels }),
    isRequired: required,
    isNeverEmpty: texts.isNeverEmpty,
    isCategory: texts.isCategory || type === 'bool',
    description: comment ?? DESCRIPTIONS[type] ?? (isText ? texts.description : undefined),
    questions: isExact
      ? [`${question}; a Float holds ${MAX_DOUBLE_DIGITS}. Does that do? Else make it a String`]
      : isText && texts.mapping
        ? texts.questions
        : [],
    ...read,
  };
}

function asText({ name }: CatalogColumn): string {
  return `left(${quote(name)}::text, ${LOOKED_AT_CHARACTERS}) AS ${quote(name)}`;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
