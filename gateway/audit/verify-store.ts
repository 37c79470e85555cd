import { makeReport, type ChainReport, type Fault, type VerifyReport } from './fault.ts';
import { KeyRing } from '../keys/key-ring.ts';
import { readChain, type PruneNote, type TrailStore } from './store.ts';
import { TimeStampCheck } from './time-stamps/check.ts';
import { BEGINNING, ChainCheck, type ChainStart } from './verify-chain.ts';
import { NameCheck } from './verify-names.ts';
import { WitnessBook } from './witnesses.ts';

export interface VerifyOptions {
  /** Public keys known from elsewhere, 32 bytes in hex each. Default: the keys that come with the trail are believed. */
  readonly pinned?: readonly string[];
  /** A copy of the seals in a second place. */
  readonly rootsCopyFile?: string;
  /** Certificates (PEM) that those of time-stamping authorities must lead to. Default: whoever has stamped is believed. */
  readonly tsaCaFile?: string;
  /** Told of every thousand records. */
  onProgress?(records: number, total: number): void;
}

const PROGRESS_EVERY = 1_000;

/** Checks everything in a store; reads only. */
export async function verifyStore(store: TrailStore, options: VerifyOptions = {}): Promise<VerifyReport> {
  const keys = new KeyRing(options.pinned);
  const faults: Fault[] = [];
  for (const signed of await store.keys()) {
    const message = keys.announce(signed);
    if (message !== undefined) faults.push({ kind: 'key', message });
  }
  const starts = await readStarts(store, keys, faults);
  const book = new WitnessBook();
  const chains = await store.chains();
  for (const { chain } of chains) {
    const [opening] = await store.seals(chain, -1, 1);
    if (opening) book.hearOpening(opening, keys);
  }
  const copyFault = options.rootsCopyFile === undefined ? undefined : await book.readCopy(options.rootsCopyFile, keys);
  if (copyFault) faults.push(copyFault);
  const timeStamps = await TimeStampCheck.open(options.tsaCaFile);
  const reports: ChainReport[] = [];
  const total = chains.reduce((sum, { records }) => sum + records, 0);
  let before = 0;
  for (const { chain, records } of chains) {
    const check = new ChainCheck(chain, starts.get(chain) ?? BEGINNING, { keys, witnesses: book.of(chain) });
    const onRecord = (count: number): void => options.onProgress?.(before + count, total);
    const fault = await checkChain(store, chain, { check, timeStamps, onRecord });
    if (fault) faults.push({ ...fault, chain });
    reports.push(check.report());
    before += records;
  }
  return makeReport(reports, [...faults, ...missingChains(book, reports, starts)], {
    keys,
    timeStamps: timeStamps.report(reports),
  });
}

async function checkChain(
  store: TrailStore,
  chain: string,
  { check, timeStamps, onRecord }: { check: ChainCheck; timeStamps: TimeStampCheck; onRecord: (count: number) => void },
): Promise<Fault | undefined> {
  const names = new NameCheck(store, chain);
  let count = 0;
  for await (const item of readChain(store, chain)) {
    const fault = check.take(item) ?? (await timeStamps.take(item));
    if (fault) return fault;
    if (item.kind !== 'record') continue;
    const { seq } = check.at;
    const hidden = await names.take(seq, item.text);
    if (hidden !== undefined) return { kind: 'altered', message: hidden, seq };
    count += 1;
    if (count % PROGRESS_EVERY === 0) onRecord(count);
  }
  return check.end();
}

/** Where the chains begin of which something was exported and deleted. */
async function readStarts(store: TrailStore, keys: KeyRing, faults: Fault[]): Promise<Map<string, ChainStart>> {
  const starts = new Map<string, ChainStart>();
  for (const signed of await store.notes()) {
    const note = readNote(signed.text);
    if (note && keys.check('note', note.key, signed) === 'signed') starts.set(note.chain, note);
    else faults.push({ kind: 'signature', message: `A note of what was deleted is not signed: ${signed.text}` });
  }
  return starts;
}

/** Chains of which others know, and of which nothing is left, not even a note. */
function missingChains(
  book: WitnessBook,
  reports: readonly ChainReport[],
  starts: ReadonlyMap<string, ChainStart>,
): Fault[] {
  const there = new Set([...reports.map(({ chain }) => chain), ...starts.keys()]);
  return book.chains
    .filter((chain) => !there.has(chain))
    .map((chain) => ({ kind: 'missing', message: `Chain ${chain} is gone: others have seen it.`, chain }));
}

function readNote(text: string): PruneNote | undefined {
  try {
    return JSON.parse(text) as PruneNote;
  } catch {
    return undefined;
  }
}
