import { Worker } from 'node:worker_threads';
import { GatewayFault } from '../errors.ts';
import type { FoundChange } from './schema-changes.ts';
import type { RuleTrial, TriedRules } from './rule-trial.ts';
import type { Comparison, ShownContract, TrialAnswer, TrialQuestion } from './trial.ts';

/** What the thread is asked. */
export type ThreadQuestion =
  | { readonly kind: 'try'; readonly of: TrialQuestion }
  | { readonly kind: 'compare'; readonly of: Comparison }
  | { readonly kind: 'show'; readonly of: ShownContract }
  | { readonly kind: 'rules'; readonly of: RuleTrial };

/** What the thread says. */
export type ThreadAnswer = { readonly answer: unknown } | { readonly failure: string };

/** Changes that may wait to be tried; more are refused. */
const MAX_WAITING = 50;

/** Tries changes in a thread, in the order in which they come. */
export class Trier {
  readonly #program: URL;
  readonly #timeoutMs: number;
  #thread: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;

  /**
   * @param program what the thread runs
   * @param timeoutMs what one change may take; then the thread is ended, and started anew for the next
   */
  constructor(program: URL, timeoutMs: number) {
    this.#program = program;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws GatewayFault REGISTRY_OVERLOADED where too many wait, TRIAL_TIMEOUT where it takes too long */
  async try(of: TrialQuestion): Promise<TrialAnswer> {
    return (await this.#inTurn({ kind: 'try', of })) as TrialAnswer;
  }

  /** What is otherwise between two supergraphs. @throws as {@link try} */
  async compare(of: Comparison): Promise<readonly FoundChange[]> {
    return (await this.#inTurn({ kind: 'compare', of })) as readonly FoundChange[];
  }

  /** What clients see of a contract, as SDL. @throws as {@link try} */
  async show(of: ShownContract): Promise<string> {
    return (await this.#inTurn({ kind: 'show', of })) as string;
  }

  /** What comes of departments' rules. @throws as {@link try} */
  async tryRules(of: RuleTrial): Promise<TriedRules> {
    return (await this.#inTurn({ kind: 'rules', of })) as TriedRules;
  }

  /** Starts the thread, and has it know the graph that is changed next: the first change is then tried as quickly as others. */
  async prepare(supergraph: string | undefined): Promise<void> {
    if (supergraph === undefined) this.#thread ??= this.#start();
    else await this.compare({ before: supergraph, after: supergraph });
  }

  #inTurn(question: ThreadQuestion): Promise<unknown> {
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

  async #ask(question: ThreadQuestion): Promise<unknown> {
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
    const thread = new Worker(this.#program);
    // One that ends while nobody waits for it ends nothing else, and the next question is for another.
    thread.on('error', () => undefined);
    thread.on('exit', () => {
      if (this.#thread === thread) this.#thread = undefined;
    });
    return thread;
  }
}
