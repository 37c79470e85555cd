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
import type { GraphQLError } from 'graphql';
import { Pool } from 'undici';
import { systemBadAnswer, systemUnavailable } from '../faults.ts';
import { createPause, PausedError, readRetryAfterMs, type Deadline } from './pause.ts';
import { createRetryBudget } from './retry-budget.ts';

export interface RestSettings {
  /** What paths of requests are below. */
  url: URL;
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

export interface RestRequest {
  /** What is asked, as messages call it. */
  operation: string;
  /** From the service's host on, with the query. */
  path: string;
}

/** What a service answered, its body as it came. */
export interface RestAnswer {
  status: 200 | 404;
  body: unknown;
  /** The header `Link` (RFC 8288). */
  link: string | undefined;
}

/** What a service was asked since the start. */
export interface RestCounts {
  requests: number;
  /** Those that it answered by asking to wait. */
  limited: number;
  /** Those that were sent again. */
  repeated: number;
}

/** A connection to a REST service that absorbs its limits and its occasional refusals. */
export interface RestConnection {
  readonly counts: Readonly<RestCounts>;
  /** @throws GraphQLError SYSTEM_UNAVAILABLE or SYSTEM_BAD_ANSWER */
  get(request: RestRequest, deadline: Deadline): Promise<RestAnswer>;
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

class RateLimited extends RequestFailure {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('limited', 'it limits requests');
    this.retryAfterMs = retryAfterMs;
  }
}

/** Nothing is asked before the first request, so a department starts although its service is down. */
export function connectRest(settings: RestSettings): RestConnection {
  const { url, timeoutMs, concurrency, maxAnswerBytes } = settings;
  const pool = new Pool(url.origin, {
    connections: concurrency,
    connectTimeout: timeoutMs,
    maxResponseSize: maxAnswerBytes,
  });
  const pause = createPause();
  const counts: RestCounts = { requests: 0, limited: 0, repeated: 0 };
  const { budget, breaker, guard } = createGuard(concurrency, counts);
  const tryTimeout = timeout(timeoutMs, TimeoutStrategy.Cooperative);

  const ask = async (path: string, deadline: Deadline, signal: AbortSignal): Promise<RestAnswer> => {
    await pause.over(deadline);
    counts.requests += 1;
    try {
      return await tryTimeout.execute((limited) => request(pool, { ...settings, path }, limited.signal), signal);
    } catch (error) {
      if (error instanceof RateLimited) {
        counts.limited += 1;
        pause.begin(error.retryAfterMs);
      }
      throw error instanceof RequestFailure ? error : explainTransport(error, timeoutMs);
    }
  };
  return {
    counts,
    async get({ path, operation }, deadline) {
      budget.earn();
      try {
        deadline.signal.throwIfAborted();
        return await guard.execute(({ signal }) => ask(path, deadline, signal), deadline.signal);
      } catch (error) {
        throw explain(error, { holds: settings.holds, operation, breaker, deadline });
      }
    },
    close: () => pool.destroy(),
  };
}

/** Repeats around slots around the breaker: a request that waits to be repeated takes up no slot. */
function createGuard(concurrency: number, counts: RestCounts) {
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

async function request(
  pool: Pool,
  { path, headers }: RestSettings & { path: string },
  signal: AbortSignal,
): Promise<RestAnswer> {
  const {
    statusCode: status,
    headers: answered,
    body,
  } = await pool.request({ path, method: 'GET', headers: { accept: 'application/json', ...headers }, signal });
  if (status === 200 || status === 404) {
    const link = answered['link'];
    const text = await body.text();
    // Where there is nothing, what else is said of it need not be JSON.
    const content = status === 200 ? parseJson(text) : jsonIn(text);
    return { status, body: content, link: Array.isArray(link) ? link.join(', ') : link };
  }
  // Nothing of it is wanted, and it may be without end.
  body.on('error', () => {}).destroy();
  const retryAfter = answered['retry-after'];
  if (status === 429 || (status === 503 && retryAfter !== undefined))
    throw new RateLimited(readRetryAfterMs(retryAfter, Date.now()));
  if (status === 503) throw new RequestFailure('busy', 'it answers HTTP 503');
  if (status >= 500) throw new RequestFailure('unavailable', `it answers HTTP ${status}`);
  if (status >= 300 && status < 400)
    throw new RequestFailure('unreadable', `HTTP ${status} leads elsewhere, where nobody goes`);
  throw new RequestFailure('unreadable', `HTTP ${status} is no answer that its document promises`);
}

/** Whole numbers that a double cannot hold, such as long record numbers, are `bigint`. */
function exactJson(text: string): unknown {
  return /\d{16}/.test(text) ? JSON.parse(text, exactNumber as Parameters<typeof JSON.parse>[1]) : JSON.parse(text);
}

function exactNumber(_: string, value: unknown, { source }: { source?: string }): unknown {
  const isRounded = typeof value === 'number' && !Number.isSafeInteger(value);
  return isRounded && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

function jsonIn(text: string): unknown {
  try {
    return exactJson(text);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return exactJson(text);
  } catch (error) {
    throw new RequestFailure('unreadable', 'it is not JSON', error);
  }
}

function explainTransport(error: unknown, timeoutMs: number): RequestFailure {
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (name === 'AbortError' || error instanceof TaskCancelledError)
    return new RequestFailure('unavailable', `nothing came within ${timeoutMs} ms`, error);
  if (error instanceof PausedError) throw error;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return new RequestFailure('unreadable', 'it is too large', error);
  if (name === 'HTTPParserError') return new RequestFailure('unreadable', 'it is not HTTP', error);
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
  if (error instanceof RequestFailure && error.kind === 'unreadable')
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
