import { carryOut, type CarryOutParts } from './carry-out.ts';
import type { Claim } from './dispatch.ts';
import { ClaimLost } from './prepare.ts';

/** How a gateway shares the work with others. */
export interface DispatcherOptions extends CarryOutParts {
  /** Its name among those that share the work: another one each time it is started. */
  holder: string;
  /** Runs at once. */
  concurrency: number;
  lookEveryMs: number;
  /** For how long what it took is its own without a word from it. */
  leaseMs: number;
  /** Told of faults, and with undefined when the store can be reached again. */
  onProblem(problem: unknown): void;
}

/** Takes dispatches that are due, as many at once as it may, and carries them out. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  /** How often it was told that something may be due. */
  #wakes = 0;
  #problem: unknown;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#lookLater();
  }

  /** Runs under way. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Whether the store can be reached. */
  get isUp(): boolean {
    return this.#problem === undefined;
  }

  /** Looks now for what is due, instead of when it is time. */
  wake(): void {
    this.#wakes += 1;
    void this.#look();
  }

  /** Takes nothing more, ends what is under way between two steps and lets go of it: another gateway goes on with it. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopping.abort(new Error('The gateway stops.'));
    await Promise.all(this.#underWay);
  }

  #lookLater(): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = setTimeout(
      () => void this.#look().finally(() => this.#lookLater()),
      this.#options.lookEveryMs,
    ).unref();
  }

  /** Takes one at a time, so that several gateways share what is due. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const wakes = this.#wakes;
    try {
      while (this.#underWay.size < this.#options.concurrency && (await this.#takeOne())) continue;
      this.#note(undefined);
    } catch (error) {
      this.#note(error);
    }
    this.#isLooking = false;
    // What became due meanwhile may have been passed over.
    if (this.#wakes > wakes && this.isUp) setImmediate(() => this.wake());
  }

  async #takeOne(): Promise<boolean> {
    if (this.#stopping.signal.aborted) return false;
    const { store, holder, nowMs, leaseMs } = this.#options;
    const claim = await store.claim(holder, nowMs(), leaseMs);
    if (!claim) return false;
    const work = this.#work(claim).finally(() => {
      this.#underWay.delete(work);
      this.wake();
    });
    this.#underWay.add(work);
    return true;
  }

  async #work(claim: Claim): Promise<void> {
    const lost = new AbortController();
    const signal = AbortSignal.any([lost.signal, this.#stopping.signal]);
    const { store, nowMs, leaseMs, onProblem } = this.#options;
    const renewing = setInterval(() => {
      void store.renew(claim, nowMs() + leaseMs).then(
        (isHeld) => isHeld || lost.abort(new ClaimLost('Another gateway has the dispatch.')),
        // It is tried again; whoever takes it over meanwhile is told by the fence.
        () => undefined,
      );
    }, leaseMs / 3).unref();
    try {
      await carryOut(claim, this.#options, signal);
    } catch (error) {
      // What nobody foresaw would come again at once: it is left until the lease is over.
      if (signal.aborted) await store.release(claim).catch(() => undefined);
      else if (!(error instanceof ClaimLost)) onProblem(error);
    } finally {
      clearInterval(renewing);
    }
  }

  #note(problem: unknown): void {
    const isNew = (problem === undefined) !== (this.#problem === undefined);
    this.#problem = problem;
    if (isNew) this.#options.onProblem(problem);
  }
}
