import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { QueryPlan } from '@apollo/query-planner';
import { GatewayFault } from '../errors.ts';
import type { GuardedField } from '../operation/field-access.ts';

/** What the planner's thread is asked. */
export interface PlanRequest {
  id: number;
  /** A valid document; introspection taken out. */
  text: string;
  operationName: string | undefined;
  /** Fields that are to be fetched only where the record allows it. */
  guarded: readonly GuardedField[];
}

/** What the planner's thread answers; the plan as JSON, which is also how it is kept. */
export type PlanAnswer = { id: number; plan: string } | { id: number; failure: PlanFailure };

/** Why there is no plan; the stack is of the planner's thread. */
export interface PlanFailure {
  message: string;
  stack?: string | undefined;
}

/** Turns operations into query plans, one at a time, off the event loop. */
export interface Planner {
  /** Resolves once the thread has loaded the supergraph. */
  ready(): Promise<void>;
  /**
   * @param guarded fields that are to be fetched only where the record allows it. Default: none
   * @throws GatewayFault PLANNING_FAILED, PLANNING_TIMEOUT or PLANNING_OVERLOADED
   */
  plan(text: string, operationName: string | undefined, guarded?: readonly GuardedField[]): Promise<QueryPlan>;
  close(): Promise<void>;
}

export interface PlannerOptions {
  /** How long one operation may be planned; then the thread is ended and a new one started. */
  timeoutMs: number;
  /** Operations that may wait; more are refused. */
  maxQueue: number;
}

interface Job extends PlanRequest {
  resolve(plan: QueryPlan): void;
  reject(error: unknown): void;
}

/** Starts the planner's thread for a supergraph. */
export function startPlanner(sdl: string, options: PlannerOptions): Planner {
  return new ThreadPlanner(sdl, options);
}

class ThreadPlanner implements Planner {
  readonly #sdl: string;
  readonly #options: PlannerOptions;
  readonly #waiting: Job[] = [];
  #worker: Worker;
  #loaded: Promise<void>;
  #current: Job | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nextId = 1;
  #closed = false;
  /** The thread died before it was ready, so that starting it again at once would only die again. */
  #dead = false;

  constructor(sdl: string, options: PlannerOptions) {
    this.#sdl = sdl;
    this.#options = options;
    [this.#worker, this.#loaded] = this.#start();
  }

  ready(): Promise<void> {
    return this.#loaded;
  }

  plan(text: string, operationName: string | undefined, guarded: readonly GuardedField[] = []): Promise<QueryPlan> {
    if (this.#closed) return Promise.reject(new GatewayFault('SHUTTING_DOWN', 'The planner is closed.'));
    if (this.#waiting.length >= this.#options.maxQueue)
      return Promise.reject(
        new GatewayFault('PLANNING_OVERLOADED', `${this.#waiting.length} operations wait for a plan.`),
      );
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id: this.#nextId++, text, operationName, guarded, resolve, reject });
      if (this.#dead) this.#restart();
      else this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const fault = new GatewayFault('SHUTTING_DOWN', 'The planner is closed.');
    for (const job of this.#waiting.splice(0)) job.reject(fault);
    this.#settle()?.reject(fault);
    await this.#worker.terminate();
  }

  #start(): [Worker, Promise<void>] {
    const worker = new Worker(new URL(`./worker${path.extname(import.meta.url)}`, import.meta.url), {
      workerData: { sdl: this.#sdl },
    });
    let isLoaded = false;
    const loaded = new Promise<void>((resolve, reject) => {
      worker.on('message', (message: PlanAnswer | { ready: true }) => {
        if (!('ready' in message)) return this.#answer(message);
        isLoaded = true;
        resolve();
      });
      worker.on('error', (error) => {
        reject(error);
        if (worker === this.#worker) this.#lost(error, isLoaded);
      });
    });
    // Whoever asks ready() hears of a failed start; nobody asking must not end the process.
    loaded.catch(() => undefined);
    return [worker, loaded];
  }

  /** The time limit of a job begins when the thread is free and loaded, so that waiting is not counted as planning. */
  #next(): void {
    if (this.#current || this.#closed) return;
    const job = this.#waiting.shift();
    if (!job) return;
    this.#current = job;
    const worker = this.#worker;
    void this.#loaded.then(
      () => {
        if (this.#current !== job || this.#worker !== worker) return;
        this.#timer = setTimeout(() => this.#giveUp(job), this.#options.timeoutMs);
        const { id, text, operationName, guarded } = job;
        worker.postMessage({ id, text, operationName, guarded } satisfies PlanRequest);
      },
      () => undefined,
    );
  }

  #answer(answer: PlanAnswer): void {
    if (answer.id !== this.#current?.id) return;
    const job = this.#settle()!;
    if ('plan' in answer) job.resolve(JSON.parse(answer.plan) as QueryPlan);
    else job.reject(planningFailed(answer.failure));
    this.#next();
  }

  #giveUp(job: Job): void {
    this.#settle();
    job.reject(new GatewayFault('PLANNING_TIMEOUT', `Gave up after ${this.#options.timeoutMs} ms.`));
    this.#restart();
  }

  /** The thread died by itself: what it was working on fails, the rest goes on in a new one. */
  #lost(error: unknown, wasLoaded: boolean): void {
    const fault = new GatewayFault('PLANNING_FAILED', 'The planner thread died.', { cause: error });
    this.#settle()?.reject(fault);
    if (this.#closed) return;
    if (wasLoaded) return this.#restart();
    this.#dead = true;
    for (const job of this.#waiting.splice(0)) job.reject(fault);
  }

  #restart(): void {
    this.#dead = false;
    void this.#worker.terminate();
    [this.#worker, this.#loaded] = this.#start();
    this.#next();
  }

  #settle(): Job | undefined {
    clearTimeout(this.#timer);
    const job = this.#current;
    this.#current = undefined;
    return job;
  }
}

function planningFailed({ message, stack }: PlanFailure): GatewayFault {
  return new GatewayFault('PLANNING_FAILED', message, { cause: Object.assign(new Error(message), { stack }) });
}
