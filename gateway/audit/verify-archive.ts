import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { KEYS_FILE, MANIFEST_FILE, ARCHIVE_FORMAT, type ArchivedChain, type Manifest } from './archive.ts';
import { makeReport, type ChainReport, type Fault, type VerifyReport } from './fault.ts';
import { digestFile, readFileLines, type FileLine } from './file-lines.ts';
import { KeyRing } from '../keys/key-ring.ts';
import { readLine, type ReadLine } from './lines.ts';
import { TimeStampCheck } from './time-stamps/check.ts';
import { ChainCheck, type CheckedItem } from './verify-chain.ts';
import type { VerifyOptions } from './verify-store.ts';
import { WitnessBook } from './witnesses.ts';

const PROGRESS_EVERY = 1_000;

/** Checks an archive from its files alone. */
export async function verifyArchive(folder: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const keys = new KeyRing(options.pinned);
  const faults: Fault[] = [];
  const timeStamps = await TimeStampCheck.open(options.tsaCaFile);
  const keysRead = await readKeys(folder, keys);
  if (keysRead.fault) faults.push(keysRead.fault);
  const manifest = await readManifest(folder, keys);
  if ('kind' in manifest) {
    const fault = manifest.file === KEYS_FILE ? { ...manifest, ...keysRead.next } : manifest;
    return makeReport([], [...faults, fault], { keys, timeStamps: timeStamps.report([]) });
  }
  const check = new ArchiveCheck(folder, manifest, { keys, timeStamps, options });
  const reports = await check.run(faults);
  return makeReport(reports, faults, { keys, timeStamps: timeStamps.report(reports) });
}

/** The manifest of an archive, or what is wrong with it. */
export async function readManifest(folder: string, keys: KeyRing): Promise<(Manifest & { text: string }) | Fault> {
  const [first, second] = await firstLines(path.join(folder, MANIFEST_FILE));
  const place = { file: MANIFEST_FILE, line: 1, byte: 0 };
  if (!first) return { kind: 'missing', message: 'The manifest is missing, or has nothing in it.', ...place };
  if (second || !first.hasEnd) return { kind: 'altered', message: 'The manifest must be one whole line.', ...place };
  const read = readLine(first.bytes);
  const manifest = read?.kind === 'manifest' ? parseManifest(read.text) : undefined;
  if (read?.kind !== 'manifest' || !manifest)
    return { kind: 'unreadable', message: 'The manifest is not in its form.', ...place };
  const outcome = keys.check('manifest', manifest.key, read);
  if (outcome === 'signed') return { ...manifest, text: read.text };
  if (outcome === 'wrong signature')
    return {
      kind: 'signature',
      message: 'The manifest was altered: its signature is not over what it says.',
      ...place,
    };
  const message = `The manifest is signed with key ${manifest.key}, which is not among the keys that may sign.`;
  // Where the keys are not the ones it names, it is they that were changed.
  const named = manifest.files.find(({ name }) => name === KEYS_FILE)?.sha256;
  const found = await digestFile(path.join(folder, KEYS_FILE)).catch(() => undefined);
  return { kind: 'key', message, ...(named === found?.sha256 ? place : { file: KEYS_FILE }) };
}

function parseManifest(text: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(text) as Partial<Manifest> | null;
    return manifest?.format === ARCHIVE_FORMAT && Array.isArray(manifest.files) ? (manifest as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the keys in; says what is wrong with them, and where their file ends. */
async function readKeys(
  folder: string,
  keys: KeyRing,
): Promise<{ fault?: Fault; next: { line: number; byte: number } }> {
  let next = { line: 1, byte: 0 };
  const file = KEYS_FILE;
  try {
    for await (const { bytes, hasEnd, ...at } of readFileLines(path.join(folder, file))) {
      next = at;
      const read = hasEnd ? readLine(bytes) : undefined;
      const message = read?.kind === 'key' ? keys.announce(read) : 'This is no announcement of a key.';
      if (message !== undefined) return { fault: { kind: 'key', message, file, ...next }, next };
      next = { line: at.line + 1, byte: at.byte + bytes.length + 1 };
    }
    return { next };
  } catch (error) {
    const message = `The keys cannot be read: ${(error as Error).message}`;
    return { fault: { kind: 'missing', message, file }, next };
  }
}

async function firstLines(file: string): Promise<FileLine[]> {
  const lines: FileLine[] = [];
  try {
    for await (const line of readFileLines(file)) if (lines.push(line) === 2) break;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return lines;
}

class ArchiveCheck {
  readonly #folder: string;
  readonly #manifest: Manifest;
  readonly #keys: KeyRing;
  readonly #timeStamps: TimeStampCheck;
  readonly #options: VerifyOptions;
  readonly #book = new WitnessBook();
  readonly #total: number;
  #done = 0;

  constructor(
    folder: string,
    manifest: Manifest,
    { keys, timeStamps, options }: { keys: KeyRing; timeStamps: TimeStampCheck; options: VerifyOptions },
  ) {
    this.#folder = folder;
    this.#manifest = manifest;
    this.#keys = keys;
    this.#timeStamps = timeStamps;
    this.#options = options;
    this.#total = manifest.chains.reduce((sum, { after, end }) => sum + end.seq - after.seq, 0);
  }

  /** Adds what is wrong to the faults: chains first, as they say where. */
  async run(faults: Fault[]): Promise<ChainReport[]> {
    await this.#readWitnesses(faults);
    const reports: ChainReport[] = [];
    for (const archived of this.#manifest.chains) {
      const { fault, report } = await this.#checkChain(archived);
      if (fault) faults.push(fault);
      reports.push(report);
    }
    faults.push(...(await this.#checkFiles(new Set(faults.map(({ file }) => file)))));
    return reports;
  }

  async #readWitnesses(faults: Fault[]): Promise<void> {
    for (const { file } of this.#manifest.chains) {
      const [first] = await firstLines(path.join(this.#folder, file)).catch(() => []);
      const read = first && readLine(first.bytes);
      if (read?.kind === 'seal') this.#book.hearOpening(read, this.#keys);
    }
    const { rootsCopyFile } = this.#options;
    const fault = rootsCopyFile === undefined ? undefined : await this.#book.readCopy(rootsCopyFile, this.#keys);
    if (fault) faults.push(fault);
  }

  async #checkChain(archived: ArchivedChain): Promise<{ fault: Fault | undefined; report: ChainReport }> {
    const { chain, file, after, end } = archived;
    const check = new ChainCheck(chain, after, { keys: this.#keys, witnesses: this.#witnessesWithin(archived) });
    let next = { line: 1, byte: 0 };
    const faultAt = (fault: Fault): { fault: Fault; report: ChainReport } => ({
      fault: { chain, ...fault, file, ...next },
      report: check.report(),
    });
    try {
      for await (const line of readFileLines(path.join(this.#folder, file))) {
        next = { line: line.line, byte: line.byte };
        const item = line.hasEnd ? readItem(line.bytes) : undefined;
        const expected = { seq: check.at.seq + 1, seal: check.at.seal + 1 };
        if (!item) return faultAt({ ...UNREADABLE, ...expected });
        const found = check.take(item) ?? (await this.#timeStamps.take(item));
        if (found) return faultAt(found);
        next = { line: line.line + 1, byte: line.byte + line.bytes.length + 1 };
        this.#progress(item);
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const kind = code === 'ENOENT' ? 'missing' : 'unreadable';
      return faultAt({ kind, message: `The file cannot be read from here on: ${message}`, seq: check.at.seq + 1 });
    }
    const short = check.end() ?? shortOf(check, end);
    return short ? faultAt(short) : { fault: undefined, report: check.report() };
  }

  /** What others saw before or behind the part that is here is in other archives. */
  #witnessesWithin({ chain, end }: ArchivedChain): { records: Map<number, string>; seals: Map<number, string> } {
    const { records, seals } = this.#book.of(chain);
    return {
      records: new Map([...records].filter(([seq]) => seq <= end.seq)),
      seals: new Map([...seals].filter(([number]) => number <= end.seal)),
    };
  }

  #progress(item: CheckedItem): void {
    if (item.kind !== 'record') return;
    this.#done += 1;
    if (this.#done % PROGRESS_EVERY === 0) this.#options.onProgress?.(this.#done, this.#total);
  }

  /** Files as a whole, where no line of theirs was found to be wrong, and what is not of the archive. */
  async #checkFiles(known: ReadonlySet<string | undefined>): Promise<Fault[]> {
    const faults: Fault[] = [];
    const { files } = this.#manifest;
    for (const { name, bytes, sha256 } of files) {
      if (known.has(name)) continue;
      const found = await digestFile(path.join(this.#folder, name)).catch(() => undefined);
      if (!found) faults.push({ kind: 'missing', message: `${name} is missing.`, file: name });
      else if (found.bytes !== bytes || found.sha256 !== sha256)
        faults.push({ kind: 'altered', message: `${name} is not the file that the manifest names.`, file: name });
    }
    const names = new Set([MANIFEST_FILE, ...files.map(({ name }) => name)]);
    for (const name of await readdir(this.#folder))
      if (!names.has(name)) faults.push({ kind: 'unexpected', message: `${name} is not of the archive.`, file: name });
    return faults;
  }
}

const UNREADABLE: Fault = {
  kind: 'unreadable',
  message: 'This line is neither a whole record nor a whole seal or time stamp.',
};

function readItem(bytes: Buffer): CheckedItem | undefined {
  const read = readLine(bytes);
  return read && isOfChain(read) ? read : undefined;
}

function isOfChain(read: ReadLine): read is Extract<ReadLine, CheckedItem> {
  return read.kind === 'record' || read.kind === 'seal' || read.kind === 'stamp';
}

function shortOf({ at }: ChainCheck, end: ArchivedChain['end']): Fault | undefined {
  if (at.seq === end.seq && at.sealHash === end.sealHash) return undefined;
  if (at.seal >= end.seal)
    return { kind: 'unexpected', message: `Seal ${end.seal} was to be the last one.`, seal: end.seal };
  const message = `The end is gone: record ${end.seq} and seal ${end.seal} were to be the last ones.`;
  return { kind: 'truncated', message, seq: at.seq + 1, seal: at.seal + 1 };
}
