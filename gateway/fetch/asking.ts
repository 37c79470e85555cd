import type { Deadline } from '../deadline.ts';
import { GatewayFault } from '../errors.ts';
import { answerBody, requestBody, type SubgraphAnswer, type SubgraphRequest } from '../execute/fetcher.ts';
import type { RunningTimeout } from '../timeouts.ts';
import { attemptEvents, type AttemptEvent } from './attempt-events.ts';
import { Attempt, type AttemptWatcher } from './attempt.ts';
import { UnsentError } from './channel.ts';
import type { Load, Waiting } from './concurrency-limit.ts';
import type { Department } from './department.ts';
import {
  backoffMs,
  isBreakdown,
  isConnectionFault,
  isNeverSent,
  isTooMuch,
  isUnavailable,
  retryAfterMs,
} from './retry-rules.ts';

/** Whom the end of it is told. */
export interface AskingOutcome {
  resolve(answer: SubgraphAnswer): void;
  reject(fault: unknown): void;
}

/** How it ends: an answer, or a fault. */
type End = SubgraphAnswer | GatewayFault;

/** Less is not worth a request: the answer could not be there in time, in milliseconds. */
const LEAST_TIME_MS = 1;

/**
 * One request to a department: in its turn, as often as it may be made, and its answer in time or not at all.
 */
export class Asking implements AttemptWatcher, Waiting {
  readonly endsAtMs: number;
  readonly #department: Department;
  readonly #request: SubgraphRequest;
  readonly #body: string;
  readonly #outcome: AskingOutcome;
  readonly #deadline: Deadline;
  readonly #onDeadline = (): void => this.#endOfTime("was not done when the request's time was over");
  readonly #onTimeout = (): void => this.#endOfTime(`took over ${this.#department.transport.timeoutMs} ms`);
  #running: RunningTimeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #hedgeTimer: NodeJS.Timeout | undefined;
  #attempt: Attempt | undefined;
  /** The second one that is under way beside the first, if it is a slow query. */
  #hedge: Attempt | undefined;
  #attempts = 0;
  #retries = 0;
  #isWaiting = false;
  /** How the attempt before ended: what is told if there can be no other. */
  #last: End | undefined;

  constructor(department: Department, request: SubgraphRequest, deadline: Deadline, outcome: AskingOutcome) {
    this.#department = department;
    this.#request = request;
    this.#body = requestBody(request);
    this.#deadline = deadline;
    this.#outcome = outcome;
    this.endsAtMs = Math.min(performance.now() + department.transport.timeoutMs, deadline.endsAtMs);
  }

  get maxResponseBytes(): number {
    return this.#department.transport.maxResponseBytes;
  }

  /** To be called once. */
  start(): void {
    const nowMs = performance.now();
    if (this.#deadline.isOver || this.endsAtMs - nowMs < LEAST_TIME_MS)
      return this.#finish(this.#fault('SUBREQUEST_TIMEOUT', 'was not asked, as no time was left'));
    this.#running = this.#department.timeouts.start(this.#onTimeout);
    this.#deadline.listen(this.#onDeadline);
    this.#department.budget.save();
    this.#enter(nowMs);
  }

  onTurn(): void {
    this.#isWaiting = false;
    this.#send(performance.now());
  }

  onRefused(reason: 'waited too long' | 'left alone'): void {
    this.#isWaiting = false;
    if (reason === 'left alone') this.#refuseAlone();
    else this.#refuseLimited('waited too long for its turn');
  }

  onAnswered(attempt: Attempt): void {
    const { httpStatus, cacheControl, age, bytes, isAscii } = attempt;
    const load = isTooMuch(httpStatus) ? 'overloaded' : 'answered';
    const isFailure = isBreakdown(httpStatus, bytes);
    this.#ended(attempt, isFailure ? 'failed' : 'answered', load);
    if (isFailure && this.#isAskedBeside) return;
    const answer: SubgraphAnswer = { httpStatus, body: answerBody(bytes, isAscii), cacheControl, age };
    if (isUnavailable(httpStatus) && this.#isQuery) this.#againOr(answer, retryAfterMs(attempt.retryAfter));
    else this.#finish(answer);
  }

  onTooLarge(attempt: Attempt): void {
    this.#ended(attempt, 'answered', 'answered');
    this.#finish(this.#fault('SUBREQUEST_TOO_LARGE', `answered more than ${this.maxResponseBytes} bytes`));
  }

  onBroken(attempt: Attempt, error: Error): void {
    this.#ended(attempt, error instanceof UnsentError ? 'given up' : 'failed', 'unknown');
    if (this.#isAskedBeside) return;
    const fault = this.#fault('SUBREQUEST_HTTP_ERROR', String(error), error);
    if (this.#isQuery ? isConnectionFault(error) : isNeverSent(error)) this.#againOr(fault, 0);
    else this.#finish(fault);
  }

  get #isQuery(): boolean {
    return this.#request.template.operationKind === 'query';
  }

  /** Whether another attempt is under way, which may yet be answered. */
  get #isAskedBeside(): boolean {
    return this.#attempt?.isOver === false || this.#hedge?.isOver === false;
  }

  #enter(nowMs: number): void {
    const { breaker, limit } = this.#department;
    if (breaker.isOpen(nowMs)) return this.#refuseAlone();
    if (limit.enter()) return this.#send(nowMs);
    this.#isWaiting = limit.wait(this);
    if (!this.#isWaiting) this.#refuseLimited('has too many requests waiting');
  }

  /** It has room at the department. */
  #send(nowMs: number): void {
    const { breaker, limit } = this.#department;
    if (!breaker.admit(nowMs)) {
      limit.leave('unknown', 0, nowMs);
      return this.#refuseAlone();
    }
    if (this.#retries > 0) this.#department.askedAgain.retried += 1;
    const attempt = this.#begin(nowMs);
    this.#attempt = attempt;
    const hedgeAfterMs = this.#isQuery ? this.#department.hedgeDelayMs() : undefined;
    if (hedgeAfterMs !== undefined) this.#hedgeTimer = setTimeout(() => this.#askBeside(), hedgeAfterMs);
    this.#sendAs(attempt);
  }

  #begin(startedAtMs: number): Attempt {
    this.#attempts += 1;
    return new Attempt(this, { nth: this.#attempts, startedAtMs, epoch: this.#department.breaker.epoch }, this);
  }

  #sendAs(attempt: Attempt): void {
    const { transport, channel } = this.#department;
    try {
      // Signed anew each time: no signature is taken twice.
      const signed = transport.sign?.(this.#body, this.#request.onBehalf);
      const { traceHeaders } = this.#request;
      channel.send(this.#body, attempt, traceHeaders ? { ...signed, ...traceHeaders } : signed);
    } catch (fault) {
      attempt.giveUp();
      this.#ended(attempt, 'given up', 'unknown');
      this.#finish(fault as GatewayFault);
    }
  }

  /** Asks a second time while the first is under way: only where there is room, and it is well. */
  #askBeside(): void {
    const { breaker, limit, askedAgain } = this.#department;
    if (this.#attempt?.isOver !== false || breaker.state !== 'closed' || !limit.hasRoom) return;
    if (!this.#department.mayAskAgain()) return;
    limit.enter();
    askedAgain.hedged += 1;
    this.#hedge = this.#begin(performance.now());
    this.#sendAs(this.#hedge);
  }

  /** Asks once more, or ends with what there is. @param leastMs how long the department wants to be left alone */
  #againOr(end: End, leastMs: number): void {
    const { transport, breaker } = this.#department;
    const nowMs = performance.now();
    const delayMs = leastMs + backoffMs(transport.retryDelayMs, this.#retries + 1);
    const isAllowed = this.#retries < transport.maxRetries && nowMs + delayMs + LEAST_TIME_MS < this.endsAtMs;
    if (!isAllowed || breaker.isOpen(nowMs) || !this.#department.mayAskAgain()) return this.#finish(end);
    this.#last = end;
    this.#retries += 1;
    clearTimeout(this.#hedgeTimer);
    this.#retryTimer = setTimeout(() => this.#enter(performance.now()), delayMs);
  }

  #endOfTime(what: string): void {
    for (const attempt of [this.#attempt, this.#hedge]) {
      if (attempt?.isOver !== false) continue;
      attempt.giveUp();
      const isItsFault = !this.#deadline.isOver || this.#hadItsTime(attempt);
      this.#ended(attempt, isItsFault ? 'failed' : 'given up', isItsFault ? 'overloaded' : 'unknown');
    }
    this.#finish(this.#fault('SUBREQUEST_TIMEOUT', what));
  }

  /** Gives up what is still under way beside the attempt that was answered. */
  #giveUpOther(): void {
    const other = this.#attempt?.isOver === false ? this.#attempt : this.#hedge;
    if (other?.isOver !== false) return;
    other.giveUp();
    this.#ended(other, 'given up', 'unknown');
    // It took this long at least: without the slow ones what is usual would seem to be ever less.
    this.#department.latencies?.add(performance.now() - other.startedAtMs);
  }

  /** Whether an attempt that ended with its request had long enough: the request's time may be shorter than the department's. */
  #hadItsTime({ startedAtMs }: Attempt): boolean {
    return !this.#deadline.isLeft && performance.now() - startedAtMs > this.#department.transport.timeoutMs / 2;
  }

  #refuseAlone(): void {
    this.#finish(this.#last ?? this.#fault('SUBREQUEST_CIRCUIT_OPEN', 'is left alone, as it has not been answering'));
  }

  #refuseLimited(what: string): void {
    this.#finish(this.#last ?? this.#fault('SUBREQUEST_LIMITED', what));
  }

  #ended(attempt: Attempt, outcome: AttemptEvent['outcome'], load: Load): void {
    const { nth, httpStatus, startedAtMs, epoch } = attempt;
    const { name, breaker, limit, latencies } = this.#department;
    const nowMs = performance.now();
    const tookMs = nowMs - startedAtMs;
    if (outcome === 'answered') {
      breaker.succeed(epoch, nowMs);
      latencies?.add(tookMs);
    } else if (outcome === 'failed') breaker.fail(epoch, nowMs);
    else breaker.forget(epoch);
    limit.leave(load, tookMs, nowMs);
    if (attemptEvents.hasSubscribers)
      attemptEvents.publish({ subgraph: name, nth, outcome, httpStatus, startedAtMs, tookMs } satisfies AttemptEvent);
  }

  #finish(end: End): void {
    this.#department.timeouts.clear(this.#running);
    if (this.#retryTimer) clearTimeout(this.#retryTimer);
    if (this.#hedgeTimer) clearTimeout(this.#hedgeTimer);
    if (this.#hedge) this.#giveUpOther();
    this.#deadline.forget(this.#onDeadline);
    if (this.#isWaiting) this.#department.limit.forget(this);
    if (end instanceof Error) this.#outcome.reject(end);
    else this.#outcome.resolve(end);
  }

  #fault(code: GatewayFault['code'], what: string, cause?: Error): GatewayFault {
    const { name, transport } = this.#department;
    return new GatewayFault(code, `Subgraph ${name} at ${transport.url}: ${what}.`, { cause });
  }
}
