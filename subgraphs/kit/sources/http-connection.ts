import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  type CircuitBreakerPolicy,
  type RetryPolicy,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';
import { GraphQLError } from 'graphql';
import { Agent, type Dispatcher } from 'undici';
import { systemBadAnswer, systemUnavailable } from '../faults.ts';
import { createPause, PausedError, readRetryAfterMs, type Deadline } from './pause.ts';
import { createRetryBudget } from './retry-budget.ts';

export interface HttpSettings {
  /** Sent with each request. */
  headers: Readonly<Record<string, string>>;
  /** For one request, from its sending to the end of its answer. */
  timeoutMs: number;
  /** Requests at the same time. */
  concurrency: number;
  maxAnswerBytes: number;
  /** Whose service it is, as messages call it: `register of units`. */
  holds: string;
}

export interface HttpRequest {
  /** What is asked, as messages call it. */
  operation: string;
  method: 'GET' | 'POST';
  /** Scheme, host and port. */
  origin: string;
  /** From there on, with the query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
}

/** What a service answered. */
export interface HttpAnswer {
  status: number;
  text: string;
  headers: Dispatcher.ResponseData['headers'];
}

/** How answers are read. */
export interface AnswerReader<Content> {
  /** Of which the body is wanted. */
  statuses: readonly number[];
  /** @throws UnreadableAnswer; a GraphQLError is told as it is */
  read(answer: HttpAnswer): Content;
}

/** What a service was asked since the start. */
export interface HttpCounts {
  requests: number;
  /** Those that it answered by asking to wait. */
  limited: number;
  /** Those that were sent again. */
  repeated: number;
}

/** A connection to a service that absorbs its limits and its occasional refusals. Only what changes nothing is asked over it. */
export interface HttpConnection {
  readonly counts: Readonly<HttpCounts>;
  /** @throws GraphQLError SYSTEM_UNAVAILABLE or SYSTEM_BAD_ANSWER, or what the reader says */
  ask<Content>(request: HttpRequest, reader: AnswerReader<Content>, deadline: Deadline): Promise<Content>;
  close(): Promise<void>;
}

/** Requests that may wait for another to end. */
const MAX_WAITING_REQUESTS = 2_000;
/** Repetitions of one request that was told to wait (the deadline ends them sooner), and of one that was answered 503. */
const MAX_LIMITED_RETRIES = 5;
const MAX_BUSY_RETRIES = 2;
const RETRY_SHARE = 0.2;
const RETRY_RESERVE = 50;
/** Failures in a row after which the service is left alone, and for how long. */
const FAILURES_BEFORE_BREAK = 16;
const BREAK_MS = 500;

type FailureKind = 'unavailable' | 'busy' | 'limited' | 'unreadable';

/** Why one request brought nothing; the message may be told. */
class RequestFailure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** An answer that is not what its service promises, and how: stands behind "cannot be read:". */
export class UnreadableAnswer extends RequestFailure {
  constructor(message: string, cause?: unknown) {
    super('unreadable', message, cause);
  }
}

class RateLimited extends RequestFailure {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('limited', 'it limits requests');
    this.retryAfterMs = retryAfterMs;
  }
}

/** Nothing is asked before the first request, so a department starts although its service is down. */
export function connectHttp(settings: HttpSettings): HttpConnection {
  const { timeoutMs, concurrency, maxAnswerBytes, holds } = settings;
  const agent = new Agent({
    connections: concurrency,
    connect: { timeout: timeoutMs },
    maxResponseSize: maxAnswerBytes,
  });
  const pause = createPause();
  const counts: HttpCounts = { requests: 0, limited: 0, repeated: 0 };
  const { budget, breaker, guard } = createGuard(concurrency, counts);
  const tryTimeout = timeout(timeoutMs, TimeoutStrategy.Cooperative);

  const ask = async <Content>(
    request: HttpRequest,
    reader: AnswerReader<Content>,
    { deadline, signal }: { deadline: Deadline; signal: AbortSignal },
  ): Promise<Content> => {
    await pause.over(deadline);
    counts.requests += 1;
    const whole = { ...request, headers: { ...request.headers, ...settings.headers } };
    try {
      return await tryTimeout.execute((limited) => answerOf(agent, whole, { reader, signal: limited.signal }), signal);
    } catch (error) {
      if (error instanceof RateLimited) {
        counts.limited += 1;
        pause.begin(error.retryAfterMs);
      }
      throw error instanceof RequestFailure || error instanceof GraphQLError
        ? error
        : explainTransport(error, timeoutMs);
    }
  };
  return {
    counts,
    async ask(request, reader, deadline) {
      budget.earn();
      try {
        deadline.signal.throwIfAborted();
        return await guard.execute(({ signal }) => ask(request, reader, { deadline, signal }), deadline.signal);
      } catch (error) {
        throw explain(error, { holds, operation: request.operation, breaker, deadline });
      }
    },
    close: () => agent.destroy(),
  };
}

/** Repeats around slots around the breaker: a request that waits to be repeated takes up no slot. */
function createGuard(concurrency: number, counts: HttpCounts) {
  const budget = createRetryBudget(RETRY_SHARE, RETRY_RESERVE);
  const is = (kind: FailureKind) => (error: unknown) => error instanceof RequestFailure && error.kind === kind;
  const repeat = (kind: FailureKind, maxAttempts: number): RetryPolicy => {
    const isDue = handleWhen((error) => is(kind)(error) && budget.allows());
    // Its delays are jittered.
    const policy = retry(isDue, { maxAttempts, backoff: new ExponentialBackoff({ initialDelay: 30, maxDelay: 500 }) });
    policy.onRetry(() => {
      counts.repeated += 1;
      budget.spend();
    });
    return policy;
  };
  const isFailure = handleWhen((error) => is('unavailable')(error) || is('busy')(error));
  const breaker = circuitBreaker(isFailure, {
    halfOpenAfter: BREAK_MS,
    breaker: new ConsecutiveBreaker(FAILURES_BEFORE_BREAK),
  });
  const guard = wrap(
    repeat('limited', MAX_LIMITED_RETRIES),
    repeat('busy', MAX_BUSY_RETRIES),
    bulkhead(concurrency, MAX_WAITING_REQUESTS),
    breaker,
  );
  return { budget, breaker, guard };
}

async function answerOf<Content>(
  agent: Agent,
  { method, origin, path, headers: sent, body: said }: HttpRequest,
  { reader, signal }: { reader: AnswerReader<Content>; signal: AbortSignal },
): Promise<Content> {
  const {
    statusCode: status,
    headers,
    body,
  } = await agent.request({
    ...{ method, origin, path, headers: sent, signal },
    ...(said !== undefined && { body: said }),
  });
  if (reader.statuses.includes(status)) return reader.read({ status, text: await body.text(), headers });
  // Nothing of it is wanted, and it may be without end.
  body.on('error', () => {}).destroy();
  const retryAfter = headers['retry-after'];
  if (status === 429 || (status === 503 && retryAfter !== undefined))
    throw new RateLimited(readRetryAfterMs(retryAfter, Date.now()));
  if (status === 503) throw new RequestFailure('busy', 'it answers HTTP 503');
  if (status >= 500) throw new RequestFailure('unavailable', `it answers HTTP ${status}`);
  if (status >= 300 && status < 400) throw new UnreadableAnswer(`HTTP ${status} leads elsewhere, where nobody goes`);
  throw new UnreadableAnswer(`HTTP ${status} is no answer that its document promises`);
}

function explainTransport(error: unknown, timeoutMs: number): RequestFailure {
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (name === 'AbortError' || error instanceof TaskCancelledError)
    return new RequestFailure('unavailable', `nothing came within ${timeoutMs} ms`, error);
  if (error instanceof PausedError) throw error;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return new UnreadableAnswer('it is too large', error);
  if (name === 'HTTPParserError') return new UnreadableAnswer('it is not HTTP', error);
  return new RequestFailure('unavailable', `it cannot be reached (${String(code ?? name)})`, error);
}

function explain(
  error: unknown,
  {
    holds,
    operation,
    breaker,
    deadline,
  }: { holds: string; operation: string; breaker: CircuitBreakerPolicy; deadline: Deadline },
): GraphQLError {
  if (error instanceof GraphQLError) return error;
  if (error instanceof UnreadableAnswer)
    return systemBadAnswer(`The answer of the ${holds} to ${operation} cannot be read: ${error.message}.`, error);
  return systemUnavailable(`The ${holds} does not answer ${operation}: ${reasonOf(error, breaker, deadline)}.`, error);
}

function reasonOf(error: unknown, breaker: CircuitBreakerPolicy, { signal }: Deadline): string {
  if (error instanceof BrokenCircuitError)
    return `${lastFailureOf(breaker)}, many times in a row, and is left alone for a moment`;
  if (error instanceof BulkheadRejectedError) return 'too many requests wait for it already';
  if (error instanceof PausedError) return `it limits requests and asks to wait another ${error.waitMs} ms`;
  if (signal.aborted) return 'there was no time left';
  return error instanceof RequestFailure ? error.message : 'something failed on the way';
}

function lastFailureOf({ lastFailure }: CircuitBreakerPolicy): string {
  return lastFailure && 'error' in lastFailure && lastFailure.error instanceof RequestFailure
    ? lastFailure.error.message
    : 'it failed';
}
