import type { DepartmentDatabase } from '../sources/postgres-database.ts';
import type { Catalog, CatalogIndex, CatalogReference, CatalogTable, ColumnShape } from './survey-database.ts';

interface PostgresColumn {
  table: string;
  name: string;
  /** The type's own name, or of what a domain stands on: `int4`, `_text`. */
  type: string;
  /** Of a numeric: how many digits it may have; null where that is not said. */
  digits: number | null;
  /** Labels of an enum. */
  labels: string[] | null;
  required: boolean;
  comment: string | null;
}

const IN_SCHEMA = 'JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1';
const RELATIONS = `c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition`;

/** Names of columns by their numbers, in the numbers' order. */
const namesOf = (numbers: string, relation: string): string =>
  `(SELECT array_agg(a.attname::text ORDER BY k.at) FROM unnest(${numbers}) WITH ORDINALITY AS k (num, at)
      JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.num)`;

/** Reads what a schema has: tables, views, materialised views and foreign tables; partitions are their table's. */
export async function readCatalog(database: DepartmentDatabase, schema: string): Promise<Catalog> {
  const ask = <Row extends object>(text: string): Promise<Row[]> => database.query<Row>(text, [schema]);
  const tables = await ask<CatalogTable>(
    `SELECT c.relname::text AS name, obj_description(c.oid, 'pg_class') AS comment FROM pg_class c ${IN_SCHEMA}
       AND ${RELATIONS} ORDER BY c.relname`,
  );
  const columns = await ask<PostgresColumn>(
    `SELECT c.relname::text AS table, a.attname::text AS name, base.typname::text AS type, a.attnotnull AS required,
       CASE WHEN base.typname = 'numeric' AND a.atttypmod > 3 THEN ((a.atttypmod - 4) >> 16) & 65535 END AS digits,
       (SELECT array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = base.oid) AS labels,
       col_description(c.oid, a.attnum) AS comment
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       JOIN pg_type t ON t.oid = a.atttypid JOIN pg_type base ON base.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
     ${IN_SCHEMA} AND ${RELATIONS} ORDER BY c.relname, a.attnum`,
  );
  const indexes = await ask<Omit<CatalogIndex, 'columns'> & { columns: string[] | null }>(
    `SELECT c.relname::text AS table, i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indnkeyatts = i.indnatts AS "isUnique",
       ${namesOf('i.indkey', 'c.oid')} AS columns
     FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid ${IN_SCHEMA} AND i.indexprs IS NULL
     ORDER BY i.indisprimary DESC, i.indexrelid`,
  );
  const references = await ask<CatalogReference>(
    `SELECT c.relname::text AS table, target.relname::text AS to,
       ${namesOf('r.conkey', 'r.conrelid')} AS columns, ${namesOf('r.confkey', 'r.confrelid')} AS theirs
     FROM pg_class c JOIN pg_constraint r ON r.conrelid = c.oid AND r.contype = 'f'
       JOIN pg_class target ON target.oid = r.confrelid AND target.relnamespace = c.relnamespace ${IN_SCHEMA} ORDER BY r.oid`,
  );
  return {
    tables,
    columns: columns.map((column) => ({ ...column, shape: shapeOf(column) })),
    indexes: indexes.flatMap((index) => (index.columns ? [{ ...index, columns: index.columns }] : [])),
    references,
  };
}

/** Schemas with tables of their own, by name. */
export async function readSchemas(database: DepartmentDatabase): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    `SELECT DISTINCT n.nspname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1`,
    [],
  );
  return rows.map(({ name }) => name);
}

const TEXT: ColumnShape = { leaf: 'String' };
const KEY_TEXT: ColumnShape = { leaf: 'String', isKey: true, isText: true };

const SHAPES: Readonly<Record<string, ColumnShape>> = {
  bool: { leaf: 'Boolean' },
  int2: { leaf: 'Int', isKey: true },
  int4: { leaf: 'Int', isKey: true },
  // An Int has 32 bits; a Float holds whole numbers up to 2^53.
  int8: { leaf: 'Float', isKey: true },
  ...{ float4: { leaf: 'Float' }, float8: { leaf: 'Float' } },
  ...{ text: KEY_TEXT, varchar: KEY_TEXT, bpchar: KEY_TEXT, citext: KEY_TEXT },
  ...{ uuid: { leaf: 'String', isKey: true }, name: { leaf: 'String', isKey: true } },
  ...{ time: TEXT, timetz: TEXT, inet: TEXT, cidr: TEXT, macaddr: TEXT, xml: TEXT, char: TEXT },
  date: { leaf: 'String', isKey: true, description: 'A day, `YYYY-MM-DD`.' },
  timestamp: { leaf: 'String', description: 'A time as ISO 8601 writes it, without a time zone.' },
  timestamptz: { leaf: 'String', description: 'A time as ISO 8601 writes it, in UTC.' },
};

/** Undefined for types whose values are no leaf: bytes, JSON, intervals. */
function shapeOf({ type, labels, digits }: PostgresColumn): ColumnShape | undefined {
  if (labels) return { leaf: 'String', values: labels };
  if (type === 'numeric') return { leaf: 'Float', digits };
  if (!type.startsWith('_')) return Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined;
  const item = type.slice(1);
  // Whole numbers of 64 bits come as texts in lists, decimals as doubles.
  if (item === 'int8' || (item !== 'numeric' && !Object.hasOwn(SHAPES, item))) return undefined;
  return { leaf: SHAPES[item]?.leaf ?? 'Float', isList: true };
}
