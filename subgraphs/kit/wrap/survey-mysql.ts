import { StartError } from '../program.ts';
import { openMysql } from '../sources/mysql-database.ts';
import { readMysqlCatalog } from './mysql-catalog.ts';
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
 * Looks at the tables and views of a database of MySQL or MariaDB.
 * @throws StartError where the server cannot be reached, or has no table there
 */
export async function surveyMysql(url: string, options: DatabaseOptions): Promise<Survey> {
  const names = { holds: 'database', setting: 'the address' };
  const database = await openMysql({ databaseUrl: url, timeoutMs: STATEMENT_TIMEOUT_MS, ...names });
  try {
    const leftOut: string[] = [];
    const looked: LookedAtDatabase = {
      catalog: await readMysqlCatalog(database),
      async sample(table, columns, first) {
        const text = `SELECT ${columns.map(asText).join(', ') || '1'} FROM ${quote(table)} LIMIT ${first}`;
        return (await database.query(text, [])) as Record<string, string | null>[];
      },
      async count(table) {
        const text = `SELECT count(*) AS \`rows\` FROM (SELECT 1 FROM ${quote(table)} LIMIT ${MAX_COUNTED}) AS counted`;
        const [row] = await database.query(text, []).catch(() => []);
        return row === undefined ? undefined : Number(row['rows']);
      },
    };
    const collections = await surveyTables(looked, options, leftOut);
    if (collections.length === 0)
      throw new StartError(`the database has no tables that can be read (${leftOut.join('; ') || 'none at all'})`);
    return { kind: 'mysql', settings: { url: options.reference }, system: databaseName(url), collections, leftOut };
  } finally {
    await database.close();
  }
}

function asText(name: string): string {
  return `LEFT(CAST(${quote(name)} AS CHAR), ${LOOKED_AT_CHARACTERS}) AS ${quote(name)}`;
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
