import type { MysqlDatabase } from '../sources/mysql-database.ts';
import type { Catalog, CatalogTable, ColumnShape } from './survey-database.ts';

interface MysqlColumnRow {
  table: string;
  name: string;
  /** `int`, `varchar`. */
  type: string;
  /** `int(10) unsigned`, `enum('a','b')`. */
  whole: string;
  digits: number | null;
  required: number;
  comment: string;
}

interface IndexRow {
  table: string;
  name: string;
  column: string | null;
  isUnique: number;
  /** Of how many characters of the column it is; null for all. */
  part: number | null;
}

interface ReferenceRow {
  table: string;
  name: string;
  column: string;
  to: string;
  theirs: string;
}

/** Reads what a database of MySQL or MariaDB has: tables and views. */
export async function readMysqlCatalog(database: MysqlDatabase): Promise<Catalog> {
  const ask = async <Row>(text: string): Promise<Row[]> => (await database.query(text, [])) as unknown as Row[];
  const tables = await ask<CatalogTable & { kind: string }>(
    `SELECT table_name AS name, table_comment AS comment, table_type AS kind FROM information_schema.tables
     WHERE table_schema = database() ORDER BY table_name`,
  );
  const columns = await ask<MysqlColumnRow>(
    `SELECT table_name AS \`table\`, column_name AS name, data_type AS type, column_type AS whole, numeric_precision AS digits,
       is_nullable = 'NO' AS required, column_comment AS comment
     FROM information_schema.columns WHERE table_schema = database() ORDER BY table_name, ordinal_position`,
  );
  const indexes = await ask<IndexRow>(
    `SELECT table_name AS \`table\`, index_name AS name, column_name AS \`column\`, non_unique = 0 AS isUnique, sub_part AS part
     FROM information_schema.statistics WHERE table_schema = database()
     ORDER BY table_name, index_name <> 'PRIMARY', index_name, seq_in_index`,
  );
  const references = await ask<ReferenceRow>(
    `SELECT table_name AS \`table\`, constraint_name AS name, column_name AS \`column\`, referenced_table_name AS \`to\`,
       referenced_column_name AS theirs
     FROM information_schema.key_column_usage WHERE table_schema = database() AND referenced_table_schema = database()
     ORDER BY table_name, constraint_name, ordinal_position`,
  );
  return {
    // What a view has for a comment is that it is one.
    tables: tables.map(({ name, comment, kind }) => ({ name, comment: kind === 'VIEW' ? null : comment })),
    columns: columns.map((column) => ({ ...column, required: column.required === 1, shape: shapeOf(column) })),
    indexes: groups(indexes).flatMap((rows) => {
      const names = rows.flatMap(({ column }) => column ?? []);
      const isWhole = names.length === rows.length && rows.every(({ part }) => part === null);
      return names.length === 0
        ? []
        : [{ table: rows[0]!.table, columns: names, isUnique: isWhole && rows[0]!.isUnique === 1 }];
    }),
    references: groups(references).map((rows) => ({
      table: rows[0]!.table,
      to: rows[0]!.to,
      columns: rows.map(({ column }) => column),
      theirs: rows.map(({ theirs }) => theirs),
    })),
  };
}

function groups<Row extends { table: string; name: string }>(rows: readonly Row[]): Row[][] {
  return [...Map.groupBy(rows, ({ table, name }) => JSON.stringify([table, name])).values()];
}

const KEY_TEXT: ColumnShape = { leaf: 'String', isKey: true, isText: true };
const LONG_TEXT: ColumnShape = { leaf: 'String', isText: true };
const INT: ColumnShape = { leaf: 'Int', isKey: true };

const SHAPES: Readonly<Record<string, ColumnShape>> = {
  ...{ tinyint: INT, smallint: INT, mediumint: INT, int: INT, year: INT },
  bigint: { leaf: 'Float', isKey: true },
  ...{ float: { leaf: 'Float' }, double: { leaf: 'Float' } },
  ...{ char: KEY_TEXT, varchar: KEY_TEXT, uuid: { leaf: 'String', isKey: true } },
  ...{ tinytext: LONG_TEXT, text: LONG_TEXT, mediumtext: LONG_TEXT, longtext: LONG_TEXT },
  ...{ time: { leaf: 'String' }, set: { leaf: 'String' }, inet4: { leaf: 'String' }, inet6: { leaf: 'String' } },
  date: { leaf: 'String', isKey: true, description: 'A day, `YYYY-MM-DD`.' },
  datetime: { leaf: 'String', description: 'A time as ISO 8601 writes it, without a time zone.' },
  timestamp: { leaf: 'String', description: 'A time as ISO 8601 writes it, in UTC.' },
};

/** Undefined for types whose values are no leaf: bytes, JSON, geometries. */
function shapeOf({ type, whole, digits }: MysqlColumnRow): ColumnShape | undefined {
  if (whole.toLowerCase().startsWith('tinyint(1)')) return { leaf: 'Boolean' };
  if (type === 'decimal') return { leaf: 'Float', digits };
  if (type === 'enum') return { leaf: 'String', values: labelsOf(whole) };
  if (type === 'int' && /unsigned/i.test(whole)) return { leaf: 'Float', isKey: true };
  return Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined;
}

/** `enum('a','it''s')` */
function labelsOf(whole: string): string[] {
  return [...whole.matchAll(/'((?:[^']|'')*)'/g)].map(([, label]) => label!.replaceAll("''", "'"));
}
