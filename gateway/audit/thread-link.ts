import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Config } from '../config/config.ts';
import type { NamedEntry, TrailEntry, TrailQuery, TrailRecord } from './entry.ts';
import type { TimeStamping } from './time-stamps/stamper.ts';

/** What the thread that writes is asked. */
export type WriterQuestion =
  /** Lines of entries and subjects, see {@link entryLine}. */
  | { readonly kind: 'write'; readonly lines: string }
  /** Whether the store can be written: a seal is. */
  | { readonly kind: 'try' }
  | { readonly kind: 'close' };

/** What the thread that writes answers. */
export interface WriterAnswer {
  /** The chain that it writes. */
  readonly chain: string;
}

/** What the thread that reads is asked. */
export interface ReaderQuestion {
  readonly query: TrailQuery;
}

/** What the thread that reads answers. */
export interface ReaderAnswer {
  readonly found: readonly TrailRecord[];
}

/** A question with a number to answer it by. */
export type Numbered<Message> = Message & { readonly id: number };

/** What a thread says. */
export type ThreadMessage<Answer> =
  | { readonly ready: AboutStore }
  | { readonly copyProblem: string | undefined }
  | { readonly timeStamping: TimeStamping }
  | Numbered<{ readonly answer: Answer }>
  | Numbered<{ readonly failure: string }>;

/** Which store a thread has opened. */
export interface AboutStore {
  readonly description: string;
  readonly isDurable: boolean;
}

/** What an entry is found by, beside it: the thread need not read the whole of it again. */
export interface EntryAbout extends NamedEntry, Pick<TrailEntry, 'logTime'> {
  /** Names of its subjects. */
  readonly subjects: readonly string[];
}

/** An entry and what it is found by in one line: no tab and no line end can stand in JSON as it is written here. */
export function entryLine(entry: TrailEntry, subjects: readonly string[]): string {
  const { logTime, initiatorPerson } = entry;
  const fetches = entry.fetches.map(({ department }) => ({ department }));
  return `${JSON.stringify(entry)}\t${JSON.stringify({ logTime, initiatorPerson, fetches, subjects })}`;
}

/** The threads there are, by the files that they run. */
type ThreadFile = 'writer-thread' | 'reader-thread';

interface Asked<Answer> {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** The gateway's end of a thread of the trail's; a thread that died is started anew when something is asked next. */
export class ThreadLink<Question extends object, Answer extends object> {
  readonly #file: ThreadFile;
  readonly #settings: Config['audit'];
  readonly #asked = new Map<number, Asked<Answer>>();
  #worker: Promise<Worker> | undefined;
  #nextId = 1;
  #hasEnded = false;
  about: AboutStore = { description: 'not opened', isDurable: false };
  /** Why the second place of the seals could not be written, where it could not. */
  copyProblem: string | undefined;
  /** How time stamps go; absent where none was asked for yet. */
  timeStamping: TimeStamping | undefined;

  constructor(file: ThreadFile, settings: Config['audit']) {
    this.#file = file;
    this.#settings = settings;
  }

  /** Resolves once the thread has opened the store and, where it writes, begun a chain. */
  async start(): Promise<void> {
    this.#worker ??= this.#startWorker();
    await this.#worker;
  }

  /** @throws Error with what the thread says went wrong */
  async ask(question: Question): Promise<Answer> {
    if (this.#hasEnded) throw new Error("The trail's thread was ended.");
    this.#worker ??= this.#startWorker();
    const worker = await this.#worker;
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#asked.set(id, { resolve, reject });
      worker.postMessage({ ...question, id } satisfies Numbered<Question>);
    });
  }

  /** Ends the thread, whatever it is at. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    const worker = await this.#worker?.catch(() => undefined);
    await worker?.terminate();
  }

  #startWorker(): Promise<Worker> {
    const file = new URL(`./${this.#file}${path.extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file, { workerData: this.#settings });
    const started = new Promise<Worker>((resolve, reject) => {
      worker.on('message', (message: ThreadMessage<Answer>) => {
        if ('ready' in message) {
          this.about = message.ready;
          resolve(worker);
        } else this.#hear(message);
      });
      let reason = new Error("The trail's thread is gone.");
      worker.on('error', (error) => (reason = error as Error));
      // Not before: until then it holds the store.
      worker.on('exit', () => {
        reject(reason);
        if (this.#worker === started) this.#worker = undefined;
        for (const each of this.#asked.values()) each.reject(reason);
        this.#asked.clear();
      });
    });
    return started;
  }

  #hear(message: Exclude<ThreadMessage<Answer>, { ready: AboutStore }>): void {
    if ('copyProblem' in message) {
      this.copyProblem = message.copyProblem;
      return;
    }
    if ('timeStamping' in message) {
      this.timeStamping = message.timeStamping;
      return;
    }
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if ('failure' in message) asked?.reject(new Error(message.failure));
    else asked?.resolve(message.answer);
  }
}
