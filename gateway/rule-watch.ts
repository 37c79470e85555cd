import { createHash } from 'node:crypto';
import { RuleError, type RuleSet } from './authorise/rule-set.ts';
import { parseRules, type RuleText } from './rule-files.ts';

/** What is told of the rules that are gone by. */
export interface RuleState {
  /** {@link RuleSet.hash} */
  hash: string;
  /** When they were taken. */
  since: string;
  /** Whether they are what the files say. */
  upToDate: boolean;
  /** The last time that files were not taken, and why. Absent: they always were. */
  lastRefusal?: { at: string; reason: string };
}

/** Adds rules to those of the files. */
export type CompleteRules = (texts: readonly RuleText[]) => readonly RuleText[];

export interface RuleWatchOptions {
  /** Gives the rules as they are now. @throws RuleError where they cannot be had */
  read(): Promise<readonly RuleText[]>;
  /** Whether what is read may lack its end because it is just being written: it is taken once it was read the same twice. */
  mayBeHalfWritten: boolean;
  /** How often they are read. */
  readEveryMs: number;
  /** Adds what the files lack, each time that they are read. Default: nothing */
  complete?: CompleteRules | undefined;
  /** Told of rules that are gone by from now on. */
  onTaken(rules: RuleSet): void;
  /** Told of files that were not taken; what was gone by stays. */
  onRefused(error: RuleError): void;
}

/** Reads rules, and reads them again from then on. @throws RuleError where they cannot be taken at first */
export async function openRules(options: RuleWatchOptions): Promise<RuleWatch> {
  const texts = await readCompleted(options);
  return new RuleWatch(options, { rules: parseRules(texts), digest: digestOf(texts) });
}

/**
 * The departments' rules as their files say, as long as that can be taken. Files are told apart by what they hold: no
 * system's way of telling of changes is needed, and none can be missed.
 */
export class RuleWatch {
  readonly #options: RuleWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #rules: RuleSet;
  #since = new Date();
  /** Of the files that the rules were read from. */
  #takenDigest: string;
  /** Of the files that were last taken or refused: they need not be looked at again. */
  #settledDigest: string;
  /** Of the files as they were last seen. */
  #seenDigest: string;
  #lastRefusal: RuleState['lastRefusal'];
  #underway: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: RuleWatchOptions, { rules, digest }: { rules: RuleSet; digest: string }) {
    this.#options = options;
    this.#rules = rules;
    this.#takenDigest = this.#settledDigest = this.#seenDigest = digest;
    this.#timer = setInterval(() => void this.#look(false), options.readEveryMs);
    this.#timer.unref();
  }

  /** What is gone by now. */
  get current(): RuleSet {
    return this.#rules;
  }

  /** What is told of it. */
  get state(): RuleState {
    return {
      hash: this.#rules.hash,
      since: this.#since.toISOString(),
      upToDate: this.#seenDigest === this.#takenDigest,
      ...(this.#lastRefusal ? { lastRefusal: this.#lastRefusal } : {}),
    };
  }

  /** Reads the files now, and takes them as they are; resolves once they are taken or refused. Never rejects. */
  async reload(): Promise<void> {
    // What was begun before may have read what was there before.
    await this.#underway;
    await this.#look(true);
  }

  /** Reads no more. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  #look(atOnce: boolean): Promise<void> {
    return (this.#underway ??= this.#lookOnce(atOnce).finally(() => (this.#underway = undefined)));
  }

  async #lookOnce(atOnce: boolean): Promise<void> {
    const found = await readCompleted(this.#options).catch((error: unknown) => error as RuleError);
    if (this.#isClosed) return;
    const digest = found instanceof RuleError ? found.message : digestOf(found);
    const isStill = digest === this.#seenDigest;
    this.#seenDigest = digest;
    if (digest === this.#settledDigest) return;
    if (this.#options.mayBeHalfWritten && !isStill && !atOnce) return;
    this.#settledDigest = digest;
    this.#settle(found, digest);
  }

  #settle(found: readonly RuleText[] | RuleError, digest: string): void {
    try {
      if (found instanceof RuleError) throw found;
      // The rules before may be what the files say again.
      if (digest === this.#takenDigest) return;
      const rules = parseRules(found);
      this.#takenDigest = digest;
      // Other spaces and comments are no other rules.
      if (rules.hash === this.#rules.hash) return;
      this.#rules = rules;
      this.#since = new Date();
      this.#options.onTaken(rules);
    } catch (error) {
      // Whatever it is, there are rules to go by.
      const refusal = error instanceof RuleError ? error : new RuleError(String(error), { cause: error });
      this.#lastRefusal = { at: new Date().toISOString(), reason: refusal.message };
      this.#options.onRefused(refusal);
    }
  }
}

async function readCompleted({ read, complete }: RuleWatchOptions): Promise<readonly RuleText[]> {
  const texts = await read();
  return complete ? complete(texts) : texts;
}

function digestOf(texts: readonly RuleText[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}
