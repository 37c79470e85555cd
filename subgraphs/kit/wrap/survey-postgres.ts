import { StartError } from '../program.ts';
import { openDatabase } from '../sources/postgres-database.ts';
import { readCatalog, readSchemas } from './postgres-catalog.ts';
import {
  databaseName,
  LOOKED_AT_CHARACTERS,
  MAX_COUNTED,
  STATEMENT_TIMEOUT_MS,
  surveyTables,
  type DatabaseOptions,
  type LookedAtDatabase,
} from './survey-database.ts';
import type { Survey } from './survey.ts';

/**
 * Looks at the tables and views of a schema of PostgreSQL.
 * @throws StartError where the server cannot be reached, or has no table there
 */
export async function surveyPostgres(url: string, options: DatabaseOptions): Promise<Survey> {
  const names = { department: 'switchyard wrap', holds: 'database', setting: 'the address' };
  const database = await openDatabase({ databaseUrl: url, timeoutMs: STATEMENT_TIMEOUT_MS, ...names });
  try {
    const schemas = await readSchemas(database);
    const schema = options.schema ?? theSchema(schemas);
    const others = schemas.filter((each) => each !== schema);
    const leftOut =
      others.length > 0 ? [`other schemas with tables: ${others.join(', ')}; --schema takes one of them`] : [];
    const from = (table: string): string => `${quote(schema)}.${quote(table)}`;
    const looked: LookedAtDatabase = {
      catalog: await readCatalog(database, schema),
      sample: (table, columns, first) =>
        database.query(`SELECT ${columns.map(asText).join(', ') || '1'} FROM ${from(table)} LIMIT ${first}`, []),
      async count(table) {
        const text = `SELECT count(*) AS rows FROM (SELECT 1 FROM ${from(table)} LIMIT ${MAX_COUNTED}) AS counted`;
        const [row] = await database.query<{ rows: number }>(text, []).catch(() => []);
        return row?.rows;
      },
    };
    const collections = await surveyTables(looked, options, leftOut);
    if (collections.length === 0)
      throw new StartError(
        `the schema ${schema} has no tables that can be read (${leftOut.join('; ') || 'none at all'})`,
      );
    const settings = { url: options.reference, ...(schema !== 'public' && { schema }) };
    return { kind: 'postgres', settings, system: databaseName(url), collections, leftOut };
  } finally {
    await database.close();
  }
}

function theSchema(schemas: readonly string[]): string {
  const [first = 'public', ...others] = schemas;
  if (others.length === 0 || schemas.includes('public')) return schemas.includes('public') ? 'public' : first;
  throw new StartError(`there are tables in several schemas: ${schemas.join(', ')}; name one with --schema`);
}

function asText(name: string): string {
  return `left(${quote(name)}::text, ${LOOKED_AT_CHARACTERS}) AS ${quote(name)}`;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
