import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkLayers, type Finding } from './check.ts';
import { readSource } from './source.ts';
import { NOT_SOURCES, SOURCES } from './table.ts';

/** Holds every source file under a folder, laid out like the project, to the table. */
export async function checkProject(root: string): Promise<{ files: number; findings: Finding[] }> {
  const names = await Array.fromAsync(glob(SOURCES, { cwd: root, exclude: NOT_SOURCES }));
  const read = names.sort().map(async (name) => {
    const file = name.split(path.sep).join('/');
    return [file, readSource(file, await readFile(path.join(root, name), 'utf8'))] as const;
  });
  const sources = new Map(await Promise.all(read));
  return { files: sources.size, findings: checkLayers(sources) };
}
