import cluster, { type Worker } from 'node:cluster';
import { createLog, type Log } from '../observe/log.ts';
import { ConfigError, type Config } from '../config/config.ts';
import { WORKER_NUMBER, type ServeOptions } from './serve.ts';
import { readConfig } from './settings-file.ts';
import { explain } from './start-error.ts';
import { STOP_WORKER, type Terminal } from './terminal.ts';

/** How long a worker may take until it answers, in milliseconds. */
const READY_WITHIN_MS = 120_000;
/** A worker that dies is started again after this long, and after twice as long each time that it dies again soon. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A worker that lived for so long, in milliseconds, did not die for the same reason as the one before. */
const STEADY_MS = 60_000;
/** How much longer than its own bound a worker may take to stop before it is killed, in milliseconds. */
const STOP_GRACE_MS = 5_000;

/** `switchyard serve --workers`: several processes on one port, and this one that looks after them. Runs until it is told to stop. */
export async function runSupervised(options: ServeOptions & { workers: number }, terminal: Terminal): Promise<void> {
  let supervisor: Supervisor | undefined;
  terminal.onStop(() => void (supervisor?.stop() ?? Promise.resolve()).then(() => terminal.exit(0)));
  try {
    const config = await readConfig(options, terminal.env);
    const log = createLog(terminal.logDestination, terminal.env['LOG_LEVEL']);
    sayWhatIsShared(config, log);
    const { shutdownAnnounceMs, shutdownTimeoutMs } = config.http;
    supervisor = new Supervisor(options.workers, shutdownAnnounceMs + shutdownTimeoutMs + STOP_GRACE_MS, log);
    const url = await supervisor.start();
    const { reload, restart } = supervisor;
    terminal.onReload(reload);
    terminal.onRestart(() => void restart());
    await terminal.tellParent?.({ ready: true, url });
    terminal.print(`switchyard serves ${config.supergraph} at ${url}, with ${options.workers} workers`);
  } catch (error) {
    await supervisor?.stop();
    const reason = error instanceof WorkerError ? error.message : explain(error);
    await terminal.tellParent?.({ ready: false, reason });
    terminal.printError(reason);
    terminal.exit(1);
  }
}

/** Several processes may write to one SQLite file, but one after the other; what is remembered in a process is known to it alone. @throws ConfigError */
function sayWhatIsShared({ audit, grants, cache }: Config, log: Log): void {
  for (const [setting, store] of [['audit.store', audit.store] as const, ['grants.store', grants.store] as const])
    if (store !== 'off' && !/^postgres(ql)?:/.test(store))
      log.warn(
        { setting },
        'workers write to one SQLite file one after the other; take PostgreSQL where that is too slow',
      );
  if (!cache.enabled || cache.redisUrl || cache.redisSentinel || cache.redisCluster) return;
  if (cache.invalidation.secret !== undefined)
    throw new ConfigError(
      'cache.invalidation needs Redis where there are several workers: only one of them would hear of it.',
    );
  log.warn({ setting: 'cache.redisUrl' }, 'each worker remembers answers for itself; with Redis they share them');
}

/** A worker that did not come to answer; the message is what it said. */
class WorkerError extends Error {
  override name = 'WorkerError';
}

/** The place of one worker: who has it changes. */
interface Slot {
  number: number;
  worker: Worker | undefined;
  /** How often the one before died, one soon after the other. */
  deaths: number;
  timer: NodeJS.Timeout | undefined;
}

/** What a worker tells once it answers, or cannot. */
type Started = { ready: true; url: string } | { ready: false; reason: string };

/**
 * Looks after workers. They take connections themselves, from one socket that is open as long as one of them is: so a worker that goes
 * takes no connection with it that it had not taken yet.
 */
class Supervisor {
  readonly #slots: readonly Slot[];
  readonly #stopWithinMs: number;
  readonly #log: Log;
  /** All that are not gone, also those that have no place any more. */
  readonly #alive = new Set<Worker>();
  #restarting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(count: number, stopWithinMs: number, log: Log) {
    // Handed out in turn, Node's default, connections that a killed worker was being given are kept open here for good: whoever asked waits.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    this.#stopWithinMs = stopWithinMs;
    this.#log = log;
    this.#slots = Array.from({ length: count }, (_, index) => {
      return { number: index + 1, worker: undefined, deaths: 0, timer: undefined };
    });
  }

  /** Starts the workers; gives where they answer. The first makes what is missing, such as keys, for all. @throws WorkerError */
  async start(): Promise<string> {
    const [first, ...others] = this.#slots;
    const url = await this.#fill(first!);
    await Promise.all(others.map((slot) => this.#fill(slot)));
    return url;
  }

  /** Has every worker look at its rules and its supergraph. */
  readonly reload = (): void => {
    for (const { worker } of this.#slots) worker?.process.kill('SIGHUP');
  };

  /** Starts the workers anew, one after the other: each is replaced once the next one answers. Never rejects. */
  readonly restart = async (): Promise<void> => {
    // Those that were replaced before it was asked for may be too old.
    await this.#restarting;
    this.#restarting ??= this.#restartAll().finally(() => (this.#restarting = undefined));
    await this.#restarting;
  };

  /** Lets every worker finish what is under way; those that take too long are killed. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    for (const { timer } of this.#slots) clearTimeout(timer);
    await Promise.all([...this.#alive].map((worker) => this.#end(worker)));
  }

  async #restartAll(): Promise<void> {
    for (const slot of this.#slots) {
      if (this.#stopping) return;
      const previous = slot.worker;
      try {
        await this.#fill(slot);
      } catch (error) {
        this.#log.error({ err: error, worker: slot.number }, 'the workers are not started anew; those before go on');
        return;
      }
      if (previous) await this.#end(previous);
      this.#log.info({ worker: slot.number }, 'a worker was started anew');
    }
  }

  /** Starts a worker, which gets the place once it answers. @throws WorkerError */
  async #fill(slot: Slot): Promise<string> {
    const worker = cluster.fork({ [WORKER_NUMBER]: String(slot.number) });
    const sinceMs = performance.now();
    this.#alive.add(worker);
    worker.once('exit', (code: number | null, signal: string | null) => {
      this.#alive.delete(worker);
      if (slot.worker === worker) this.#died(slot, { code, signal, livedMs: performance.now() - sinceMs });
    });
    const url = await started(worker);
    if (this.#stopping) throw new WorkerError('The workers are being stopped.');
    slot.worker = worker;
    return url;
  }

  #died(slot: Slot, { livedMs, ...how }: { code: number | null; signal: string | null; livedMs: number }): void {
    slot.worker = undefined;
    if (this.#stopping) return;
    if (livedMs >= STEADY_MS) slot.deaths = 0;
    this.#log.error({ worker: slot.number, ...how }, 'a worker died');
    this.#startLater(slot);
  }

  #startLater(slot: Slot): void {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** slot.deaths);
    slot.deaths += 1;
    slot.timer = setTimeout(() => void this.#startAgain(slot), pauseMs);
  }

  async #startAgain(slot: Slot): Promise<void> {
    try {
      // A restart of all may have filled it meanwhile.
      if (slot.worker) return;
      await this.#fill(slot);
      this.#log.info({ worker: slot.number }, 'a worker is there again');
    } catch (error) {
      if (this.#stopping) return;
      this.#log.error({ err: error, worker: slot.number }, 'a worker could not be started again');
      this.#startLater(slot);
    }
  }

  async #end(worker: Worker): Promise<void> {
    if (worker.isDead()) return;
    const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const timer = setTimeout(() => worker.process.kill('SIGKILL'), this.#stopWithinMs);
    // Not a signal: one from the terminal may have come before it, and a second one would end the worker at once.
    if (worker.isConnected()) worker.send(STOP_WORKER, () => undefined);
    await gone;
    clearTimeout(timer);
  }
}

/** Resolves with where a worker answers. @throws WorkerError with its own reason, or because it ends or takes too long */
async function started(worker: Worker): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const onMessage = (message: Started): void => {
    if (message.ready) resolve(message.url);
    else reject(new WorkerError(message.reason));
  };
  const onExit = (code: number | null, signal: string | null): void =>
    reject(new WorkerError(`A worker ended before it answered (${signal ?? code}).`));
  const timer = setTimeout(() => {
    worker.process.kill('SIGKILL');
    reject(new WorkerError(`A worker did not answer within ${READY_WITHIN_MS} ms.`));
  }, READY_WITHIN_MS);
  worker.on('message', onMessage).on('exit', onExit);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    worker.off('message', onMessage).off('exit', onExit);
  }
}
