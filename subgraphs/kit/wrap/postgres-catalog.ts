import type { DepartmentDatabase } from '../sources/postgres-database.ts';

/** A table or view, as PostgreSQL's catalog has it. */
export interface CatalogTable {
  oid: string;
  name: string;
  comment: string | null;
}

export interface CatalogColumn {
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

interface CatalogIndex {
  table: string;
  /** Null where it is of nothing but what is computed. */
  columns: string[] | null;
  isUnique: boolean;
  isPrimary: boolean;
}

interface CatalogReference {
  table: string;
  columns: string[];
  to: string;
  theirs: string[];
}

/** What the server says of a schema. */
export interface Catalog {
  tables: CatalogTable[];
  columns: CatalogColumn[];
  indexes: CatalogIndex[];
  references: CatalogReference[];
}

const IN_SCHEMA = 'JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1';

/** Reads what a schema has: tables, views, materialised views and foreign tables; partitions are their table's. */
export async function readCatalog(database: DepartmentDatabase, schema: string): Promise<Catalog> {
  const ask = <Row extends object>(text: string): Promise<Row[]> => database.query<Row>(text, [schema]);
  const tables = await ask<CatalogTable>(
    `SELECT c.oid::text, c.relname::text AS name, obj_description(c.oid, 'pg_class') AS comment FROM pg_class c ${IN_SCHEMA}
       AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition ORDER BY c.relname`,
  );
  const columns = await ask<CatalogColumn>(
    `SELECT c.oid::text AS table, a.attname::text AS name, base.typname::text AS type, a.attnotnull AS required,
       CASE WHEN base.typname = 'numeric' AND a.atttypmod > 3 THEN ((a.atttypmod - 4) >> 16) & 65535 END AS digits,
       (SELECT array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = base.oid) AS labels,
       col_description(c.oid, a.attnum) AS comment
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       JOIN pg_type t ON t.oid = a.atttypid JOIN pg_type base ON base.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
     ${IN_SCHEMA} ORDER BY c.relname, a.attnum`,
  );
  const indexes = await ask<CatalogIndex>(
    `SELECT c.oid::text AS table, i.indisunique AND i.indisvalid AND i.indpred IS NULL AS "isUnique", i.indisprimary AS "isPrimary",
       (SELECT array_agg(a.attname::text ORDER BY k.at) FROM unnest(i.indkey) WITH ORDINALITY AS k (num, at)
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num WHERE k.at <= i.indnkeyatts) AS columns
     FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid ${IN_SCHEMA} AND i.indexprs IS NULL
     ORDER BY i.indisprimary DESC, i.indexrelid`,
  );
  const references = await ask<CatalogReference>(
    `SELECT c.oid::text AS table, r.confrelid::text AS to,
       (SELECT array_agg(a.attname::text ORDER BY k.at) FROM unnest(r.conkey) WITH ORDINALITY AS k (num, at)
          JOIN pg_attribute a ON a.attrelid = r.conrelid AND a.attnum = k.num) AS columns,
       (SELECT array_agg(a.attname::text ORDER BY k.at) FROM unnest(r.confkey) WITH ORDINALITY AS k (num, at)
          JOIN pg_attribute a ON a.attrelid = r.confrelid AND a.attnum = k.num) AS theirs
     FROM pg_class c JOIN pg_constraint r ON r.conrelid = c.oid AND r.contype = 'f' ${IN_SCHEMA} ORDER BY r.oid`,
  );
  return { tables, columns, indexes, references };
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
