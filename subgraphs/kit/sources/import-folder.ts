import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'switchyard-import-';

/** Where a source keeps what it has read, for as long as it runs. */
export interface ImportFolder {
  /** The SQLite file, which is not there yet. */
  database: string;
  remove(): Promise<void>;
}

/** Makes a folder of this process's own, and removes those of processes that were killed. */
export async function makeImportFolder(): Promise<ImportFolder> {
  const names = await readdir(tmpdir());
  const left = names.filter((name) => name.startsWith(PREFIX) && !isRunning(Number(name.split('-')[2])));
  await Promise.all(left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  return { database: join(folder, 'tables.sqlite'), remove: () => rm(folder, { recursive: true, force: true }) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
