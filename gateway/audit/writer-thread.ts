/**
 * The thread that writes the trail: everything that costs time, or waits for a disk or a database, is done here, and the gateway's event
 * loop goes on.
 */
import { appendFileSync, fsyncSync, openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Config } from '../config/config.ts';
import { ChainWriter, type FindableEntry } from './chain-writer.ts';
import { namesOf } from './entry.ts';
import { openSigner, type SignedText } from '../keys/signer.ts';
import { openSubjectSecret, subjectDigest, subjectSecretId } from './subject-secret.ts';
import { signedLine } from './lines.ts';
import { openStore } from './open-store.ts';
import type { Stamper } from './time-stamps/stamper.ts';
import type { StoredTimeStamp } from './time-stamps/time-stamp.ts';
import type { EntryAbout, Numbered, ThreadMessage, WriterAnswer, WriterQuestion } from './thread-link.ts';

const settings = workerData as Config['audit'];
const store = await openStore(settings.store, { timeoutMs: settings.maxDelayMs });
const secret = await openSubjectSecret(settings.secretFile);
const rootsCopy = settings.rootsCopyFile === undefined ? undefined : openSync(settings.rootsCopyFile, 'a', 0o644);
const signer = await openSigner(settings.keyFile);
const stamper = settings.timeStamps && (await openStamper(settings.timeStamps));
const writer = await ChainWriter.open(store, {
  signer,
  logSourceSystem: settings.logSourceSystem,
  subjectSecret: subjectSecretId(secret),
  sealEveryRecords: settings.sealEveryRecords,
  now: () => new Date().toISOString(),
  onSealed(seals) {
    copySeals(seals);
    stamper?.hear(seals);
  },
});

let sealTimer: NodeJS.Timeout | undefined;
/** One step at a time, in the order in which they came. */
let lastStep: Promise<unknown> = Promise.resolve();

parentPort!.on('message', (request: Numbered<WriterQuestion>) => {
  void inTurn(() => answer(request)).then(tell);
});
tell({ ready: { description: store.description, isDurable: store.isDurable } });

function tell(message: ThreadMessage<WriterAnswer>): void {
  parentPort!.postMessage(message);
}

function inTurn<Value>(step: () => Promise<Value>): Promise<Value> {
  const turn = lastStep.then(step);
  lastStep = turn;
  return turn;
}

async function answer(request: Numbered<WriterQuestion>): Promise<ThreadMessage<WriterAnswer>> {
  const { id } = request;
  try {
    await carryOut(request);
    return { id, answer: { chain: writer.chain } };
  } catch (error) {
    return { id, failure: error instanceof Error ? error.message : String(error) };
  }
}

async function carryOut(request: WriterQuestion): Promise<void> {
  if (request.kind === 'close') await close();
  else if (request.kind === 'try') await writer.seal();
  else await writer.write(request.lines.split('\n').map(readEntryLine));
  if (request.kind === 'write') sealSoon();
}

async function close(): Promise<void> {
  clearTimeout(sealTimer);
  stamper?.stop();
  try {
    await writer.seal({ closing: true });
  } finally {
    await store.close();
  }
}

/** See `entryLine`. */
function readEntryLine(line: string): FindableEntry {
  const tab = line.indexOf('\t');
  const text = line.slice(0, tab);
  const about = JSON.parse(line.slice(tab + 1)) as EntryAbout;
  const subjects = eachOnce(about.subjects).map((name) => subjectDigest(secret, name));
  return { text, subjects, logTime: about.logTime, names: namesOf(about) };
}

/** A set of few would cost more than it saves: it makes every name a lasting one of V8's first. */
function eachOnce(names: readonly string[]): string[] {
  return names.length > 32 ? [...new Set(names)] : names.filter((name, at) => names.indexOf(name) === at);
}

/** What is not sealed could be taken from the end unseen; so it is not left for long. */
function sealSoon(): void {
  if (sealTimer || writer.unsealed === 0) return;
  sealTimer = setTimeout(() => {
    sealTimer = undefined;
    if (writer.unsealed === 0) return;
    // A store that fails is found out by the next write; the seal is tried again then.
    void inTurn(() => writer.seal().catch(() => undefined)).then(sealSoon);
  }, settings.sealEveryMs);
}

/** What it is made of is read here, before there is a record that could wait for it. */
async function openStamper(timeStamps: NonNullable<typeof settings.timeStamps>): Promise<Stamper> {
  const stamping = await import('./time-stamps/stamper.ts');
  return stamping.Stamper.open({
    settings: timeStamps,
    signer,
    keep: keepTimeStamp,
    onAsked: (timeStamping) => tell({ timeStamping }),
  });
}

/** The next step comes whether this one succeeds or not. */
async function keepTimeStamp(chain: string, stamp: StoredTimeStamp): Promise<void> {
  const failed = await inTurn(() => store.addTimeStamp(chain, stamp).catch((error: unknown) => ({ error })));
  if (failed) throw failed.error;
}

function copySeals(seals: readonly SignedText[]): void {
  if (rootsCopy === undefined) return;
  try {
    appendFileSync(rootsCopy, seals.map((seal) => signedLine('seal', seal)).join(''));
    fsyncSync(rootsCopy);
    tell({ copyProblem: undefined });
  } catch (error) {
    tell({ copyProblem: (error as Error).message });
  }
}
