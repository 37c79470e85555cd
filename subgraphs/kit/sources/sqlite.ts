import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { StartError } from '../program.ts';
import type { RecordSource } from '../record-source.ts';
import type { SourceContext, SourceKind } from '../source-kind.ts';
import { sqliteSource } from './sqlite-database.ts';

const settings = z.strictObject({
  file: z.string().min(1).describe('the path of the SQLite file'),
  /** Queries that are asked like tables. */
  views: z.record(z.string(), z.string()).default({}).describe('names, each with a SELECT'),
});

/** How long a statement waits for whoever writes the file. */
const BUSY_TIMEOUT_MS = 200;

/** Tables and views of a SQLite file, which is opened for reading alone. */
export const sqliteKind: SourceKind<z.infer<typeof settings>> = {
  settings,
  open: async ({ file, views }, context) => openFile(resolve(context.folder, file), views, context),
};

function openFile(
  file: string,
  views: Readonly<Record<string, string>>,
  { holds, remedy }: SourceContext,
): RecordSource {
  if (!existsSync(file)) throw new StartError(`${file} does not exist${remedy}`);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return sqliteSource({ database, file, holds, views });
  } catch (error) {
    database?.close();
    throw new StartError(`${file} holds no ${holds} (${(error as Error).message})${remedy}`);
  }
}
