import type { Config } from '../config/config.ts';
import { GatewayFault } from '../errors.ts';
import type { TrailEntry, TrailQuery, TrailRecord } from './entry.ts';
import {
  entryLine,
  ThreadLink,
  type ReaderAnswer,
  type ReaderQuestion,
  type WriterAnswer,
  type WriterQuestion,
} from './thread-link.ts';
import type { TimeStamping } from './time-stamps/stamper.ts';

/** Keeps a record of every request that nobody can change unseen. */
export interface Trail {
  /**
   * Writes a record. Resolves once the record is durable; with `soon` once it is taken in, to be written as soon as the store can.
   *
   * @param subjects the names of the entities that the request is about, see `subjectName`: they do not leave the process, the
   *   trail holds their keyed digests
   * @param when default: `before-answer`
   * @throws GatewayFault TRAIL_UNAVAILABLE where too many records wait, or this one has waited for too long; it may be written
   *   all the same
   */
  write(entry: TrailEntry, subjects: readonly string[], when?: 'before-answer' | 'soon'): Promise<void>;
  /**
   * Looks records up.
   * @throws GatewayFault TRAIL_UNAVAILABLE
   */
  find(query: TrailQuery): Promise<readonly TrailRecord[]>;
  health(): TrailHealth;
  /** Writes what still waits, seals the chain's end and lets go of the store. Safe to call again. */
  close(): Promise<void>;
}

/** How the trail is. */
export interface TrailHealth {
  /** Whether records can be written. */
  readonly up: boolean;
  /** What is wrong, while it is. */
  readonly problem?: string;
  /** Which store, without passwords. */
  readonly store: string;
  /** Whether what is written survives the loss of power: not where a database was told to be quick instead. */
  readonly isDurable: boolean;
  /** The chain that was written to last. */
  readonly chain?: string;
  /** Records that are not written yet. */
  readonly waiting: number;
  /** Why seals could not be copied to the second place, where they could not. */
  readonly copyProblem?: string;
  /** How time stamps go, where one was asked for. */
  readonly timeStamping?: TimeStamping;
}

/** See the settings `audit`. */
export type TrailSettings = Config['audit'];

/** How often a store that failed is tried. */
const RETRY_MS = 250;
/** How often it is looked whether more records came. */
const GATHER_STEP_MS = 1;
/** Nothing comes any more, as far as one can tell, after so many times what is usual between two records. */
const QUIET_GAPS = 4;
/** How many gaps between records are looked back at. */
const GAPS_REMEMBERED = 8;
/** Records that are handed over at once: what makes one commit long makes everybody wait. */
const MAX_BATCH = 1_000;

/**
 * Opens the store in a thread of its own and begins a chain.
 *
 * @param onProblem told when records cannot be written any more, and with nothing once they can be again
 * @throws GatewayFault TRAIL_UNAVAILABLE where the store cannot be opened
 */
export async function openTrail(
  settings: TrailSettings,
  onProblem: (problem: string | undefined) => void,
): Promise<Trail> {
  const link: WriterLink = new ThreadLink('writer-thread', settings);
  try {
    await link.start();
  } catch (error) {
    throw unavailable(`The trail cannot be opened: ${(error as Error).message}`, error);
  }
  return new GroupCommit(link, settings, onProblem);
}

type WriterLink = ThreadLink<WriterQuestion, WriterAnswer>;

interface Waiting {
  readonly line: string;
  readonly isSoon: boolean;
  readonly overdueAtMs: number;
  /** Told, one way or the other. */
  isSettled: boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** What comes while one commit is under way goes into the next. */
class GroupCommit implements Trail {
  readonly #link: WriterLink;
  /** Whoever reads keeps nobody waiting who is to be recorded. The thread is started by the first who does. */
  readonly #reading: ThreadLink<ReaderQuestion, ReaderAnswer>;
  readonly #settings: TrailSettings;
  readonly #onProblem: (problem: string | undefined) => void;
  #waiting: Waiting[] = [];
  #underWay: readonly Waiting[] = [];
  /** One thing at a time is asked of the thread, or is about to be. */
  #isBusy = false;
  #overdueTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  /** When the last commit began, and how many records were in it. */
  #committedAtMs = -Infinity;
  #lastCount = 0;
  /** When the last record came, and how long it is between two of them. */
  #cameAtMs = -Infinity;
  #gapMs = 0;
  #problem: { readonly text: string; readonly sinceMs: number } | undefined;
  #chain: string | undefined;
  #closing: Promise<void> | undefined;
  /** Nothing is asked of the thread any more but to close. */
  #isOver = false;
  #onDrained: (() => void) | undefined;

  constructor(link: WriterLink, settings: TrailSettings, onProblem: (problem: string | undefined) => void) {
    this.#link = link;
    this.#reading = new ThreadLink('reader-thread', settings);
    this.#settings = settings;
    this.#onProblem = onProblem;
  }

  write(entry: TrailEntry, subjects: readonly string[], when?: 'before-answer' | 'soon'): Promise<void> {
    const isSoon = when === 'soon';
    const refusal = this.#refusal(isSoon);
    if (refusal !== undefined) return Promise.reject(unavailable(refusal));
    this.#noteArrival();
    const line = entryLine(entry, subjects);
    const { maxDelayMs } = this.#settings;
    const overdueAtMs = performance.now() + maxDelayMs;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, isSoon, overdueAtMs, isSettled: isSoon, resolve, reject });
      if (isSoon) resolve();
      else this.#overdueTimer ??= setTimeout(() => this.#rejectOverdue(), maxDelayMs);
      if (!this.#problem) this.#commitSoon();
    });
  }

  async find(query: TrailQuery): Promise<readonly TrailRecord[]> {
    try {
      const bounded = { ...query, limit: Math.min(query.limit, 1_000) };
      return (await this.#inTime(this.#reading.ask({ query: bounded }))).found;
    } catch (error) {
      throw unavailable(`The trail cannot be read: ${(error as Error).message}`, error);
    }
  }

  health(): TrailHealth {
    const { about, copyProblem, timeStamping } = this.#link;
    return {
      up: this.#problem === undefined && this.#closing === undefined,
      ...(this.#problem ? { problem: this.#problem.text } : {}),
      store: about.description,
      isDurable: about.isDurable,
      ...(this.#chain === undefined ? {} : { chain: this.#chain }),
      waiting: this.#count,
      ...(copyProblem === undefined ? {} : { copyProblem }),
      ...(timeStamping === undefined ? {} : { timeStamping }),
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const drained = new Promise<void>((resolve) => (this.#onDrained = resolve));
    if (this.#count === 0) this.#onDrained?.();
    await this.#inTime(drained).catch(() => undefined);
    this.#isOver = true;
    clearTimeout(this.#overdueTimer);
    clearTimeout(this.#retryTimer);
    const fault = unavailable('The trail is closed.');
    for (const each of [...this.#underWay, ...this.#waiting]) settle(each, fault);
    // A chain that cannot be ended is one whose last records are not sealed: the verifier says so.
    await this.#inTime(this.#link.ask({ kind: 'close' })).catch(() => undefined);
    await Promise.all([this.#link.end(), this.#reading.end()]);
  }

  get #count(): number {
    return this.#waiting.length + this.#underWay.length;
  }

  /** Why a record cannot be taken in. */
  #refusal(isSoon: boolean): string | undefined {
    const { maxQueue, maxDelayMs } = this.#settings;
    if (this.#closing) return 'The trail is closed.';
    if (this.#count >= maxQueue) return `${this.#count} records wait to be written.`;
    // What would wait in vain is refused at once; that the store is back is found out without it.
    const isDown = this.#problem !== undefined && performance.now() - this.#problem.sinceMs > maxDelayMs;
    return isDown && !isSoon ? this.#problem?.text : undefined;
  }

  /** At the end of this turn of the event loop, so that requests that end together are written together; or later, see `#gather`. */
  #commitSoon(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#gather();
  }

  /**
   * A commit of its own costs many times what a record in it does. Where several were in the last one, the next waits for as long as
   * more keep coming, up to `gatherMs` after the last.
   */
  #gather(): void {
    const nowMs = performance.now();
    const lateInMs = this.#committedAtMs + this.#settings.gatherMs - nowMs;
    const quietInMs = this.#cameAtMs + Math.max(GATHER_STEP_MS, QUIET_GAPS * this.#gapMs) - nowMs;
    const waitMs = Math.min(lateInMs, quietInMs);
    if (waitMs <= 0 || this.#lastCount <= 1) setImmediate(() => void this.#commit());
    else setTimeout(() => this.#gather(), Math.ceil(waitMs));
  }

  /** How long it is between records that come, the latest counting most. */
  #noteArrival(): void {
    const nowMs = performance.now();
    const gapMs = Math.min(nowMs - this.#cameAtMs, this.#settings.gatherMs);
    this.#gapMs += (gapMs - this.#gapMs) / GAPS_REMEMBERED;
    this.#cameAtMs = nowMs;
  }

  async #commit(): Promise<void> {
    this.#committedAtMs = performance.now();
    this.#underWay = this.#waiting.splice(0, MAX_BATCH);
    this.#lastCount = this.#underWay.length;
    const question =
      this.#underWay.length > 0
        ? ({ kind: 'write', lines: this.#underWay.map(({ line }) => line).join('\n') } as const)
        : ({ kind: 'try' } as const);
    try {
      this.#chain = (await this.#link.ask(question)).chain;
      for (const each of this.#underWay) settle(each);
      this.#underWay = [];
      this.#recover();
    } catch (error) {
      this.#waiting = [...this.#underWay.filter(isStillWanted), ...this.#waiting];
      this.#underWay = [];
      this.#fail((error as Error).message);
      if (!this.#isOver) this.#retryTimer = setTimeout(() => this.#commitSoon(), RETRY_MS);
    }
    this.#isBusy = false;
    if (this.#waiting.length === 0) this.#onDrained?.();
    else if (!this.#problem && !this.#isOver) this.#commitSoon();
  }

  #fail(text: string): void {
    const isNew = this.#problem === undefined;
    this.#problem = { text, sinceMs: this.#problem?.sinceMs ?? performance.now() };
    if (isNew) this.#onProblem(text);
  }

  #recover(): void {
    if (!this.#problem) return;
    this.#problem = undefined;
    this.#onProblem(undefined);
  }

  #rejectOverdue(): void {
    const now = performance.now();
    const why = this.#problem?.text ?? `The store took more than ${this.#settings.maxDelayMs} ms.`;
    const overdue = [...this.#underWay, ...this.#waiting].filter((each) => !each.isSettled && each.overdueAtMs <= now);
    for (const each of overdue) settle(each, unavailable(why));
    if (overdue.length > 0) this.#fail(why);
    this.#waiting = this.#waiting.filter(isStillWanted);
    const next = [...this.#underWay, ...this.#waiting].find(({ isSettled }) => !isSettled);
    this.#overdueTimer = next && setTimeout(() => this.#rejectOverdue(), Math.max(1, next.overdueAtMs - now));
  }

  async #inTime<Value>(promise: Promise<Value>): Promise<Value> {
    let timer: NodeJS.Timeout | undefined;
    const { maxDelayMs } = this.#settings;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`It took more than ${maxDelayMs} ms.`)), maxDelayMs);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What nobody waits for any more need not be written; what is to be written soon waits for as long as it takes. */
function isStillWanted({ isSoon, isSettled }: Waiting): boolean {
  return isSoon || !isSettled;
}

function settle(waiting: Waiting, fault?: GatewayFault): void {
  if (waiting.isSettled) return;
  Object.assign(waiting, { isSettled: true });
  if (fault) waiting.reject(fault);
  else waiting.resolve();
}

function unavailable(detail: string, cause?: unknown): GatewayFault {
  return new GatewayFault('TRAIL_UNAVAILABLE', detail, { cause });
}
