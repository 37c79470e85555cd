import { hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { digestFile } from './file-lines.ts';
import { KeyRing } from '../keys/key-ring.ts';
import type { SignedText, Signer } from '../keys/signer.ts';
import { recordLine, signedLine } from './lines.ts';
import { readChain, type PruneNote, type TrailStore } from './store.ts';
import { TrailError } from './trail-error.ts';
import { BEGINNING, ChainCheck, readSeal, type ChainStart } from './verify-chain.ts';

export const MANIFEST_FILE = 'manifest.json';
export const KEYS_FILE = 'keys.jsonl';
export const ARCHIVE_FORMAT = 'switchyard-trail/1';

/** What an archive holds; signed. */
export interface Manifest {
  readonly format: typeof ARCHIVE_FORMAT;
  readonly exportedAt: string;
  /** What was sealed before this time is in the archive. */
  readonly until: string;
  readonly chains: readonly ArchivedChain[];
  /** All files but this one. */
  readonly files: readonly ArchivedFile[];
  readonly key: string;
}

/** The part of a chain that an archive holds: whole seals with their records. */
export interface ArchivedChain {
  readonly chain: string;
  readonly file: string;
  /** What stands before it, in an earlier archive or nowhere. */
  readonly after: ChainStart;
  /** Its last record and its last seal. */
  readonly end: ChainStart;
}

export interface ArchivedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ExportOptions {
  /** Exports what was sealed before this time: ISO 8601, UTC. */
  readonly until: string;
  /** A folder that is empty or not there yet. */
  readonly folder: string;
  readonly signer: Signer;
  /** Default: false */
  readonly isCompressed?: boolean;
}

/**
 * Writes what is in the store up to a time into files that verify on their own; the manifest comes last, so that an archive
 * without one is one that was not finished.
 *
 * @throws TrailError where the folder is in use or the store does not verify
 */
export async function exportArchive(store: TrailStore, options: ExportOptions): Promise<Manifest> {
  const { until, folder, signer } = options;
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new TrailError(`${folder} is not empty: give a folder for the archive alone.`);
  // A key that no gateway has signed with yet is not in the store.
  const announcements = withoutRepeats([...(await store.keys()), ...signer.announcements]);
  await writeFile(path.join(folder, KEYS_FILE), announcements.map((each) => signedLine('key', each)).join(''));
  const keys = new KeyRing();
  for (const each of announcements) keys.announce(each);
  const starts = await readStarts(store);
  const chains: ArchivedChain[] = [];
  for (const { chain } of await store.chains()) {
    const after = starts.get(chain) ?? BEGINNING;
    const lastSeal = await findLastSeal(store, chain, after.seal, until);
    if (lastSeal === undefined) continue;
    const check = new ChainCheck(chain, after, { keys, witnesses: { records: new Map(), seals: new Map() } });
    const file = `chain-${String(chains.length + 1).padStart(4, '0')}.jsonl${options.isCompressed ? '.gz' : ''}`;
    await writeLines(path.join(folder, file), readLines(store, check, { chain, lastSeal }));
    chains.push({ chain, file, after, end: check.at });
  }
  const files = await Promise.all(
    [KEYS_FILE, ...chains.map(({ file }) => file)].map(async (name) => ({
      name,
      ...(await digestFile(path.join(folder, name))),
    })),
  );
  const manifest: Manifest = {
    format: ARCHIVE_FORMAT,
    exportedAt: new Date().toISOString(),
    until,
    chains,
    files,
    key: signer.keyId,
  };
  const signed = signer.sign('manifest', JSON.stringify(manifest));
  await writeFile(path.join(folder, MANIFEST_FILE), signedLine('manifest', signed), { flush: true });
  return manifest;
}

function withoutRepeats(announcements: readonly SignedText[]): SignedText[] {
  return [...new Map(announcements.map((each) => [each.text, each])).values()];
}

async function readStarts(store: TrailStore): Promise<Map<string, ChainStart>> {
  const notes = (await store.notes()).map(({ text }) => JSON.parse(text) as PruneNote);
  return new Map(
    notes.map(({ chain, seq, hash: head, seal, sealHash }) => [chain, { seq, hash: head, seal, sealHash }]),
  );
}

/** The last seal before the first that is too late: a clock that went back must not tear a hole. */
async function findLastSeal(
  store: TrailStore,
  chain: string,
  after: number,
  until: string,
): Promise<number | undefined> {
  let last: number | undefined;
  for (;;) {
    const seals = await store.seals(chain, last ?? after, 1_000);
    if (seals.length === 0) return last;
    for (const { number, text } of seals) {
      const seal = readSeal(text);
      if (!seal || seal.time >= until) return last;
      last = number;
    }
  }
}

/** The lines of a chain up to a seal and its time stamp. */
async function* readLines(
  store: TrailStore,
  check: ChainCheck,
  { chain, lastSeal }: { chain: string; lastSeal: number },
): AsyncGenerator<string> {
  for await (const item of readChain(store, chain)) {
    if (check.at.seal === lastSeal && item.kind !== 'stamp') return;
    const fault = check.take(item);
    if (fault) throw new TrailError(`The trail is not as it was written: ${fault.message} (chain ${chain})`);
    yield item.kind === 'record' ? recordLine(item) : signedLine(item.kind, item);
  }
}

async function writeLines(file: string, lines: AsyncIterable<string>): Promise<void> {
  const target = createWriteStream(file, { flush: true });
  if (file.endsWith('.gz')) await pipeline(Readable.from(lines), createGzip(), target);
  else await pipeline(Readable.from(lines), target);
}

/** The hash by which a note names the archive that holds what was deleted. */
export function archiveId(manifestText: string): string {
  return hash('sha256', manifestText);
}
