import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { GatewayFault } from '../errors.ts';
import type { FoundChange } from './schema-changes.ts';
import type { Comparison, TrialAnswer, TrialQuestion } from './trial.ts';
import type { ThreadAnswer, ThreadQuestion } from './trial-thread.ts';

/** Changes that may wait to be tried; more are refused. */
const MAX_WAITING = 50;

/** Tries changes in a thread, in the order in which they come. */
export class Trier {
  readonly #timeoutMs: number;
  #thread: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;

  /** @param timeoutMs what one change may take; then the thread is ended, and started anew for the next */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** @throws GatewayFault REGISTRY_OVERLOADED where too many wait, TRIAL_TIMEOUT where it takes too long */
  async try(question: TrialQuestion): Promise<TrialAnswer> {
    return (await this.#inTurn({ try: question })) as TrialAnswer;
  }

  /** What is otherwise between two supergraphs. @throws as {@link try} */
  async compare(compare: Comparison): Promise<readonly FoundChange[]> {
    return (await this.#inTurn({ compare })) as readonly FoundChange[];
  }

  /** Starts the thread, and has it know the graph that is changed next: the first change is then tried as quickly as others. */
  async prepare(supergraph: string | undefined): Promise<void> {
    if (supergraph === undefined) this.#thread ??= this.#start();
    else await this.compare({ before: supergraph, after: supergraph });
  }

  #inTurn(question: ThreadQuestion): Promise<TrialAnswer | readonly FoundChange[]> {
    if (this.#waiting >= MAX_WAITING)
      return Promise.reject(new GatewayFault('REGISTRY_OVERLOADED', 'The queue is full.'));
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#ask(question)).finally(() => (this.#waiting -= 1));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.terminate();
    this.#thread = undefined;
  }

  async #ask(question: ThreadQuestion): Promise<TrialAnswer | readonly FoundChange[]> {
    if (this.#isClosed) throw new GatewayFault('SHUTTING_DOWN', 'The registry is closed.');
    const thread = (this.#thread ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<ThreadAnswer>();
    const timer = setTimeout(
      () => reject(new GatewayFault('TRIAL_TIMEOUT', `A trial took more than ${this.#timeoutMs} ms.`)),
      this.#timeoutMs,
    );
    const onExit = (): void => reject(new Error('The thread that tries changes is gone.'));
    thread.on('message', resolve).on('error', reject).on('exit', onExit);
    thread.postMessage(question);
    try {
      const message = await promise;
      if ('failure' in message) throw new Error(message.failure);
      return message.answer;
    } catch (error) {
      this.#thread = undefined;
      await thread.terminate();
      throw error;
    } finally {
      clearTimeout(timer);
      thread.off('message', resolve).off('error', reject).off('exit', onExit);
    }
  }

  #start(): Worker {
    const thread = new Worker(new URL(`./trial-thread${path.extname(import.meta.url)}`, import.meta.url));
    // One that ends while nobody waits for it ends nothing else, and the next question is for another.
    thread.on('error', () => undefined);
    thread.on('exit', () => {
      if (this.#thread === thread) this.#thread = undefined;
    });
    return thread;
  }
}
