import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from './program.ts';

export interface WatchedFolderOptions<Content> {
  folder: string;
  /** What is in it, as messages call it: `drop folder`. */
  holds: string;
  /** The setting that names it. */
  setting: string;
  /** What to do where it does not exist, with what stands before it. Default: `; npm start makes it`. */
  remedy?: string;
  /** Reads one file; what cannot be read is part of what it gives. */
  read(path: string): Promise<Content>;
  /** Told of all files' contents, in the order of their names, at the start and whenever one of them has changed. */
  changed(contents: readonly Content[]): void | Promise<void>;
}

/** A folder that others write into, as last read. */
export interface WatchedFolder<Content> {
  /**
   * What was read of each file, in the order of their names.
   * @throws what the system says while the folder cannot be listed
   */
  contents(): Content[];
  close(): Promise<void>;
}

/** A file that was read, and the state of it that was read. */
interface ReadFile<Content> {
  signature: string;
  content: Content;
}

/** How often the folder is looked through; a share that tells nothing of its changes is no exception. */
const POLL_MS = 500;

/** Files of one folder that are read; a monthly file for eighty years. */
const MAX_FILES = 1_000;

/**
 * Reads every file of a folder, and from then on what lands there or changes. Names that begin with a dot or end in `.part`
 * are files still being written.
 *
 * @throws StartError when the folder is missing or may not be read
 */
export async function watchFolder<Content>(options: WatchedFolderOptions<Content>): Promise<WatchedFolder<Content>> {
  const files = new Map<string, ReadFile<Content>>();
  const contents = (): Content[] =>
    [...files].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, { content }]) => content);
  let fault: Error | null = null;
  const scan = async (): Promise<void> => {
    if (await takeIn(options, files)) await options.changed(contents());
  };
  try {
    await scan();
  } catch (error) {
    throw new StartError(explain(options, error));
  }
  const stop = repeat(async () => {
    try {
      await scan();
      fault = null;
    } catch (error) {
      // What was read before still stands; only the list of files cannot be vouched for.
      fault = error as Error;
    }
  });
  return {
    contents() {
      if (fault) throw fault;
      return contents();
    },
    close: stop,
  };
}

/** Reads what is new or changed, forgets what is gone; says whether anything was. */
async function takeIn<Content>(
  { folder, read }: WatchedFolderOptions<Content>,
  files: Map<string, ReadFile<Content>>,
): Promise<boolean> {
  const names = (await readdir(folder)).filter(isComplete).toSorted().slice(0, MAX_FILES);
  let changed = false;
  for (const gone of [...files.keys()].filter((name) => !names.includes(name))) changed = files.delete(gone);
  for (const name of names) {
    const path = join(folder, name);
    // The state before reading: whoever writes on meanwhile makes another one, and the file is read again.
    const signature = await signatureOf(path);
    if (signature === null || files.get(name)?.signature === signature) continue;
    files.set(name, { signature, content: await read(path) });
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

function explain(
  { folder, holds, setting, remedy = '; npm start makes it' }: Omit<WatchedFolderOptions<never>, 'read' | 'changed'>,
  error: unknown,
): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `the ${holds} ${folder} does not exist${remedy}`;
  if (code === 'ENOTDIR') return `the ${holds} ${folder} is not a folder; set ${setting} to one`;
  if (code === 'EACCES') return `the ${holds} ${folder} may not be read; change its permissions`;
  return `the ${holds} ${folder} cannot be read: ${message}`;
}
