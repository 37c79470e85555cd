import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../../network/process.ts';

/** A folder of a test's own. */
export interface TestFolder {
  path: string;
  remove(): Promise<void>;
}

/**
 * Makes a folder that is removed even when the test run is cut short, by a program that outlives it. For what programs
 * of their own write to; a test that writes by itself needs no more than `mkdtemp`.
 */
export async function makeFolder(prefix: string): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  const keeper = await startProgram({
    name: 'temporary folder',
    args: [fileURLToPath(new URL('folder-program.ts', import.meta.url))],
    env: { FOLDER: path },
    logFile: join(path, 'folder.log'),
    readyWithinMs: 15_000,
    stopWithinMs: 15_000,
  });
  return { path, remove: () => keeper.stop() };
}
