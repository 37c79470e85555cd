import type { Log } from '../observe/log.ts';
import { loadSupergraph, type SupergraphError } from '../supergraph/load.ts';
import type { SupergraphSource } from '../supergraph/source.ts';
import { openServing, type Serving, type ServingOptions } from './serving.ts';
import { SupergraphWatch } from './supergraph-watch.ts';
import { operationsToPlan } from './operations-to-plan.ts';

/** What is told of the supergraph that is served. */
export interface SupergraphState {
  /** Its SHA-256. */
  hash: string;
  /** Where it comes from. */
  source: string;
  /** When it was begun to be served. */
  since: string;
  /** Whether it is what the source gives. */
  upToDate: boolean;
  /** Supergraphs before it that still answer requests which began with them. */
  retiring: number;
  /** The last time that a supergraph was not taken, and why. Absent: they always were. */
  lastRefusal?: { at: string; reason: string };
}

/** Supergraphs that may still be finishing while the next is made ready: each has a thread, with a planner in it. */
const MAX_RETIRING = 2;
/** How much longer than its time a request may take to end, in milliseconds. */
const RETIRE_GRACE_MS = 5_000;

/** Reads the supergraph and serves it, and follows its source from then on. @throws as {@link openServing}; SupergraphError where it cannot be had or served */
export async function followSupergraph(source: SupergraphSource, options: ServingOptions): Promise<SupergraphFollower> {
  const sdl = await source.read();
  return new SupergraphFollower(source, await openServing(loadSupergraph(sdl), options), options);
}

/**
 * Serves a supergraph, and another once the source gives one: that is made ready beside the one that is served, and then takes its place
 * between two requests. One that cannot be served is refused, and the one before stays.
 */
export class SupergraphFollower {
  readonly #source: SupergraphSource;
  readonly #options: ServingOptions;
  readonly #log: Log;
  readonly #watch: SupergraphWatch;
  readonly #retiring = new Set<Promise<void>>();
  #current: Serving;
  #since = new Date();
  /** What the source gave last. */
  #wanted: string;
  #changing: Promise<void> | undefined;
  #lastRefusal: SupergraphState['lastRefusal'];
  #isMissing = false;
  #isClosed = false;

  constructor(source: SupergraphSource, serving: Serving, options: ServingOptions) {
    this.#source = source;
    this.#options = options;
    this.#log = options.log;
    this.#current = serving;
    this.#wanted = serving.supergraph.sdl;
    this.#watch = new SupergraphWatch(source, this.#wanted, {
      onFound: (sdl) => this.#found(sdl),
      onMissing: (error) => this.#missing(error),
    });
  }

  /** What is served now: to be asked for with each request. */
  get current(): Serving {
    return this.#current;
  }

  /** What is told of it. */
  get state(): SupergraphState {
    const { hash, sdl } = this.#current.supergraph;
    return {
      hash,
      source: this.#source.description,
      since: this.#since.toISOString(),
      upToDate: !this.#isMissing && this.#wanted === sdl,
      retiring: this.#retiring.size,
      ...(this.#lastRefusal ? { lastRefusal: this.#lastRefusal } : {}),
    };
  }

  /** Looks at the source now; resolves once what it gives is served or refused. Never rejects. */
  async reload(): Promise<void> {
    await this.#watch.lookNow();
    await this.#changing;
  }

  /** Follows no more, and lets go of everything; requests are to have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch.close();
    await this.#changing;
    await Promise.all([this.#current.close(), ...this.#retiring]);
  }

  #found(sdl: string): void {
    this.#isMissing = false;
    this.#wanted = sdl;
    this.#changing ??= this.#changeUntilWanted().finally(() => (this.#changing = undefined));
  }

  #missing(error: SupergraphError): void {
    this.#isMissing = true;
    this.#refuse(error);
  }

  /** One change at a time. What came meanwhile but for the newest is passed over. */
  async #changeUntilWanted(): Promise<void> {
    let tried: string | undefined;
    while (!this.#isClosed && this.#wanted !== tried && this.#wanted !== this.#current.supergraph.sdl) {
      tried = this.#wanted;
      try {
        await this.#changeTo(tried);
      } catch (error) {
        this.#refuse(error as Error);
      }
    }
  }

  async #changeTo(sdl: string): Promise<void> {
    if (this.#retiring.size >= MAX_RETIRING) await Promise.race(this.#retiring);
    const beganMs = performance.now();
    const next = await openServing(loadSupergraph(sdl), this.#options);
    const made = await this.#makeReady(next);
    if (this.#isClosed) return next.close();
    const previous = this.#current;
    this.#current = next;
    this.#since = new Date();
    const tookMs = Math.round(performance.now() - beganMs);
    this.#log.info({ supergraph: next.supergraph.hash, ...made, tookMs }, 'another supergraph is served from now on');
    const retiring = this.#retire(previous).finally(() => this.#retiring.delete(retiring));
    this.#retiring.add(retiring);
  }

  async #makeReady(next: Serving): Promise<Awaited<ReturnType<Serving['makeReady']>>> {
    const { reload, operations } = this.#options.config;
    const overAtMs = performance.now() + reload.planningTimeoutMs;
    const wanted = await operationsToPlan(this.#current.used(), operations, reload.maxOperations);
    return next.makeReady(wanted, () => this.#isClosed || performance.now() >= overAtMs);
  }

  /** Requests under way end on the supergraph that they began with, each within its time. */
  async #retire(serving: Serving): Promise<void> {
    const { hash } = serving.supergraph;
    const { requestTimeoutMs } = this.#options.config.http;
    if (!(await serving.idle(requestTimeoutMs + RETIRE_GRACE_MS)))
      this.#log.error({ supergraph: hash }, 'a request outlived its time; its supergraph is let go of all the same');
    await serving.close();
    this.#log.info({ supergraph: hash }, 'the supergraph before is let go of');
  }

  #refuse(error: Error): void {
    this.#lastRefusal = { at: new Date().toISOString(), reason: error.message };
    this.#log.error({ err: error }, 'the supergraph cannot be taken; the one before is still served');
  }
}
