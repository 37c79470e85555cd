import { appendFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Receipt } from '../delivery.ts';

/** What is known of a run's file. */
export interface KeptRun {
  /** Names of its columns. */
  readonly columns: readonly string[];
  /** Whether all parts have been taken, and the file is made of them. */
  readonly isWhole: boolean;
  /** What the rows of the parts taken so far take. */
  readonly bytes: number;
  /** One for each part taken, in their order. */
  readonly receipts: readonly Receipt[];
}

/** Beside the files, so that moving them out of it is a renaming; who reads the folder passes over it. */
const ASIDE = '.switchyard';

const DAY_MS = 86_400_000;

/**
 * The files of one run: the one that is put into the folder, and what is kept aside for it.
 *
 * The file that is whole stands aside until it is put in place, so that whether that has happened can be told after a crash: it does not
 * stand there any more. It is never made again, for the reader may have taken it away.
 */
export class RunFiles {
  readonly #folder: string;
  readonly #name: string;
  readonly #keepDays: number;

  constructor(folder: string, name: string, keepDays: number) {
    this.#folder = folder;
    this.#name = name;
    this.#keepDays = keepDays;
  }

  /** Undefined where nothing of the run has been taken. */
  async read(): Promise<KeptRun | undefined> {
    const text = await readFile(this.#aside('receipts.json'), 'utf8').catch(unlessMissing);
    return text === undefined ? undefined : (JSON.parse(text) as KeptRun);
  }

  /** Keeps what is known of the run, for good. */
  async write(run: KeptRun): Promise<void> {
    await this.#writeWhole(this.#aside('receipts.json'), JSON.stringify(run));
  }

  /** Keeps the rows of a part. */
  async keepPart(part: number, rows: string): Promise<void> {
    await mkdir(path.join(this.#folder, ASIDE), { recursive: true });
    await this.#writeWhole(this.#partFile(part), rows);
  }

  /** Makes the file of its parts, aside. */
  async makeWhole(parts: number, frame: { begin: string; between: string; end: string }): Promise<void> {
    const whole = this.#aside('whole');
    await writeFile(whole, frame.begin);
    let isFirst = true;
    for (let part = 1; part <= parts; part += 1) {
      const rows = await readFile(this.#partFile(part), 'utf8');
      if (rows === '') continue;
      await appendFile(whole, `${isFirst ? '' : frame.between}${rows}`);
      isFirst = false;
    }
    await appendFile(whole, isFirst ? frame.end.trimStart() : frame.end, { flush: true });
  }

  /** Puts the file into the folder, unless that has been done, and lets its parts go. */
  async putInPlace(parts: number): Promise<void> {
    await rename(this.#aside('whole'), path.join(this.#folder, this.#name)).catch(unlessMissing);
    await flushFolder(this.#folder);
    for (let part = 1; part <= parts; part += 1) await rm(this.#partFile(part), { force: true });
  }

  /** Lets go what is known of runs that are long over. */
  async forgetOld(): Promise<void> {
    const aside = path.join(this.#folder, ASIDE);
    const oldest = Date.now() - this.#keepDays * DAY_MS;
    for (const name of await readdir(aside)) {
      const file = path.join(aside, name);
      const found = await stat(file).catch(unlessMissing);
      if (found && found.mtimeMs < oldest) await rm(file, { force: true });
    }
  }

  #aside(what: string): string {
    return path.join(this.#folder, ASIDE, `${this.#name}.${what}`);
  }

  #partFile(part: number): string {
    return this.#aside(`part-${part}`);
  }

  async #writeWhole(file: string, text: string): Promise<void> {
    await writeFile(`${file}.new`, text, { flush: true });
    await rename(`${file}.new`, file);
    await flushFolder(path.dirname(file));
  }
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** Makes names that were given in a folder outlast a loss of power; not every system has a way to. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
