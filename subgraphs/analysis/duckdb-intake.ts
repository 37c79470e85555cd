import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../kit/program.ts';
import type { Intake } from './intake.ts';
import type { AnalysisStore, Query } from './store.ts';

/** Which table the files of a dispatch are for, with the column that identifies a row. */
const DISPATCHES = {
  'analysis-enterprise-records': { table: 'enterprise_record', key: 'uscc' },
  'analysis-published-figures': { table: 'published_figure', key: 'figure_id' },
} as const;

const FILE = /^(?<dispatch>[a-z-]+)-\d{6,}-[0-9a-f]{8}\.csv$/;

/**
 * Files that dispatches put into a folder as CSV (`escapesFormulas: false`): what is full takes the place of what was there, changes are
 * taken in one after the other. Each file is taken once.
 * @throws StartError where there is no such folder
 */
export async function folderIntake(store: AnalysisStore, folder: string): Promise<Intake> {
  await store.query('create table if not exists landed_file (name varchar primary key)');
  try {
    readdirSync(folder);
  } catch (error) {
    throw new StartError(`ANALYSIS_DROP_FOLDER: ${(error as Error).message}`);
  }
  return {
    async arrived() {
      const rows = await store.query<{ name: string }>('select name from landed_file');
      const landed = new Set(rows.map(({ name }) => name));
      // The number of the run has leading zeros: by name is by run.
      const fresh = readdirSync(folder).filter((name) => FILE.test(name) && !landed.has(name));
      for (const name of fresh.sort()) await store.alone((query) => land(query, folder, name));
      return fresh.length > 0;
    },
  };
}

async function land(query: Query, folder: string, name: string): Promise<void> {
  const { dispatch } = FILE.exec(name)!.groups!;
  if (dispatch! in DISPATCHES) {
    const { table, key } = DISPATCHES[dispatch as keyof typeof DISPATCHES];
    // Nothing is guessed: every column is a text, quoted nothing is an empty one, and the table's types say the rest.
    const file = `read_csv('${join(folder, name).replaceAll("'", "''")}', header = true, all_varchar = true, delim = ',', quote = '"', escape = '"',
      allow_quoted_nulls = false, max_line_size = 10000000)`;
    const columns = (await query<{ column_name: string }>(`describe select * from ${file}`)).map(
      (row) => row.column_name,
    );
    const named = columns.filter((column) => column !== '_change').map((column) => `"${column.replaceAll('"', '""')}"`);
    const isFull = named.length === columns.length;
    if (isFull) await query(`delete from ${table}`);
    else await query(`delete from ${table} where ${key} in (select ${key} from ${file} where _change = 'REMOVED')`);
    const rows = isFull ? '' : " where _change = 'UPSERT'";
    await query(`insert or replace into ${table} (${named.join(', ')}) select ${named.join(', ')} from ${file}${rows}`);
  }
  await query('insert into landed_file values ($1)', [name]);
}
