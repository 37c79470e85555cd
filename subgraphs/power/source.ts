import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemUnavailable } from '../kit/faults.ts';
import { StartError } from '../kit/program.ts';
import { readDropFile, type DropFile } from './drop-file.ts';
import { createHoldings, type Holdings } from './holdings.ts';
import type { Places } from './usage-table.ts';

/** The drop folder, as last read. */
export interface DropFolder {
  /** What the files say, all of them together. */
  holdings(): Holdings;
  /**
   * The files read, by name.
   * @throws GraphQLError SYSTEM_UNAVAILABLE while the folder cannot be listed
   */
  files(): DropFile[];
  close(): Promise<void>;
}

/** A file that was read, and the state of it that was read. */
interface ReadFile {
  signature: string;
  drop: DropFile;
}

/** How often the folder is looked through; a share that tells nothing of its changes is no exception. */
const POLL_MS = 500;

/** Files of one folder that are read; a monthly file for eighty years. */
const MAX_FILES = 1_000;

/**
 * Reads everything in the drop folder, and from then on what lands there or changes. Names that begin with a dot or
 * end in `.part` are files still being written.
 *
 * @throws StartError when the folder is missing or may not be read
 */
export async function openDropFolder(folder: string): Promise<DropFolder> {
  const files = new Map<string, ReadFile>();
  const places: Places = new Map();
  let holdings = createHoldings([]);
  let fault: unknown = null;
  const scan = async (): Promise<void> => {
    if (!(await takeIn(folder, files, places))) return;
    holdings = createHoldings([...files.values()].map(({ drop }) => drop.content));
  };
  try {
    await scan();
  } catch (error) {
    throw new StartError(explain(folder, error));
  }
  const stop = repeat(async () => {
    try {
      await scan();
      fault = null;
    } catch (error) {
      // What was read before still stands; only the list of files cannot be vouched for.
      fault = error;
    }
  });
  return {
    holdings: () => holdings,
    files() {
      if (fault) throw systemUnavailable("The power company's drop folder cannot be listed.", fault);
      return [...files.values()].map(({ drop }) => drop).toSorted((one, other) => (one.file < other.file ? -1 : 1));
    },
    close: stop,
  };
}

/** Reads what is new or changed, forgets what is gone; says whether anything was. */
async function takeIn(folder: string, files: Map<string, ReadFile>, places: Places): Promise<boolean> {
  const names = (await readdir(folder)).filter(isComplete).toSorted().slice(0, MAX_FILES);
  let changed = false;
  for (const gone of [...files.keys()].filter((name) => !names.includes(name))) changed = files.delete(gone);
  for (const name of names) {
    const path = join(folder, name);
    // The state before reading: whoever writes on meanwhile makes another one, and the file is read again.
    const signature = await signatureOf(path);
    if (signature === null || files.get(name)?.signature === signature) continue;
    files.set(name, { signature, drop: await readDropFile(path, places) });
    changed = true;
  }
  return changed;
}

function isComplete(name: string): boolean {
  return !name.startsWith('.') && !name.endsWith('.part');
}

/** Null for what is no file: a folder, a pipe, or a name that went away since the folder was listed. */
async function signatureOf(path: string): Promise<string | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}` : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // What else is wrong with the file, reading it will say.
    return code === 'ENOENT' ? null : `not readable: ${code}`;
  }
}

/** Does something again and again, never twice at once; the function it returns ends that and waits for the last. */
function repeat(work: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let running = Promise.resolve();
  let timer: NodeJS.Timeout;
  const next = (): void => {
    timer = setTimeout(() => {
      running = work().then(() => {
        if (!stopped) next();
      });
    }, POLL_MS);
  };
  next();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}

function explain(folder: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `the drop folder ${folder} does not exist; npm start makes it`;
  if (code === 'ENOTDIR') return `the drop folder ${folder} is not a folder; set POWER_DROP_DIR to one`;
  if (code === 'EACCES') return `the drop folder ${folder} may not be read; change its permissions`;
  return `the drop folder ${folder} cannot be read: ${message}`;
}
