import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SavedOperation } from './page-files.ts';

/** Reads the saved operations of a folder (`*.graphql`), by file name; none where there is no such folder. */
export async function readSavedOperations(folder: string): Promise<SavedOperation[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith('.graphql')).sort();
  return Promise.all(
    files.map(async (name) => ({
      name: path.basename(name, '.graphql'),
      text: await readFile(path.join(folder, name), 'utf8'),
    })),
  );
}
