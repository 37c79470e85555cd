import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a system lays into a folder for others to read. */
export interface DropContent {
  /** Stands for everything that the files are made from: files made from the same are kept. */
  madeFrom: string;
  names: readonly string[];
  make(name: string): string | Buffer | Promise<string | Buffer>;
}

/** Lies beside the files, hidden from who reads them: what they were made from, and their names. */
const MARK_FILE = '.seed.json';

interface Mark {
  digest: string | null;
  files: string[];
}

/**
 * Lays files into a folder, each written aside and renamed whole. Files made from the same are kept; those of an earlier seed that
 * are none of these are removed; what else lies in the folder is left alone.
 *
 * @param folder made when absent
 */
export async function fillDropFolder(folder: string, { madeFrom, names, make }: DropContent): Promise<void> {
  const digest = createHash('sha256').update(madeFrom).digest('hex');
  mkdirSync(folder, { recursive: true });
  const mark = readMark(folder);
  if (mark.digest === digest && names.every((name) => existsSync(join(folder, name)))) return;
  // The mark says first what will lie there: a seeding that breaks off is done again, and leaves nothing behind then.
  writeAside(folder, MARK_FILE, JSON.stringify({ digest: null, files: [...new Set([...mark.files, ...names])] }));
  for (const name of mark.files) if (!names.includes(name)) rmSync(join(folder, name), { force: true });
  for (const name of names) writeAside(folder, name, await make(name));
  writeAside(folder, MARK_FILE, JSON.stringify({ digest, files: names }));
}

/** The mark of an earlier seed; an empty one where there is none that can be read. */
function readMark(folder: string): Mark {
  try {
    return JSON.parse(readFileSync(join(folder, MARK_FILE), 'utf8')) as Mark;
  } catch {
    return { digest: null, files: [] };
  }
}

function writeAside(folder: string, name: string, content: string | Buffer): void {
  const aside = join(folder, `.${name}.part`);
  writeFileSync(aside, content);
  renameSync(aside, join(folder, name));
}
