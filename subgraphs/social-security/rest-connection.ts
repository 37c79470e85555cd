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
import { Pool } from 'undici';
import { systemBadAnswer, systemUnavailable } from '../kit/faults.ts';
import { createPause, PausedError, readRetryAfterMs, type Deadline } from '../kit/sources/pause.ts';
import { createRetryBudget } from '../kit/sources/retry-budget.ts';

export interface RestSettings {
  /** Where `/api` lies. */
  baseUrl: URL;
  /** For one request, from its sending to the end of its answer. */
  tryTimeoutMs: number;
  /** For one task, with all its requests, waiting and repeating. */
  deadlineMs: number;
}

/** What the service answered: status 200 or 404, and the JSON of the body, unchecked. */
export interface RestAnswer {
  status: 200 | 404;
  body: unknown;
}

/** A connection to the social security service that absorbs its rate limit and its occasional refusals. */
export interface RestConnection {
  /**
   * Runs a task of one or more requests under one deadline.
   * @throws GraphQLError SYSTEM_UNAVAILABLE or SYSTEM_BAD_ANSWER
   */
  run<T>(task: (get: (path: string) => Promise<RestAnswer>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Requests at the same time for the whole department, and requests that may wait for one of them to end. */
const MAX_REQUESTS = 8;
const MAX_WAITING_REQUESTS = 2_000;
/** Repetitions of one request that was limited (the deadline ends them sooner), and of one that failed. */
const MAX_LIMITED_RETRIES = 5;
const MAX_FAILED_RETRIES = 2;
const RETRY_SHARE = 0.2;
const RETRY_RESERVE = 50;
/** Failures in a row after which the service is left alone, and for how long. */
const FAILURES_BEFORE_BREAK = 16;
const BREAK_MS = 500;
const MAX_ANSWER_BYTES = 64 * 1024;

/** Why one request brought nothing; the message may be told. */
class RequestFailure extends Error {
  readonly kind: 'unavailable' | 'limited' | 'unreadable';

  constructor(kind: 'unavailable' | 'limited' | 'unreadable', message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** Nothing is asked before the first task, so the department starts although its service is down. */
export function connectRest({ baseUrl, tryTimeoutMs, deadlineMs }: RestSettings): RestConnection {
  const pool = new Pool(baseUrl.origin, {
    connections: MAX_REQUESTS,
    connectTimeout: tryTimeoutMs,
    maxResponseSize: MAX_ANSWER_BYTES,
  });
  const prefix = baseUrl.pathname.replace(/\/$/, '');
  const pause = createPause();
  const { budget, breaker, guard } = createGuard();
  const tryTimeout = timeout(tryTimeoutMs, TimeoutStrategy.Cooperative);
  const wholeTime = timeout(deadlineMs, TimeoutStrategy.Aggressive);

  const get = (path: string, deadline: Deadline): Promise<RestAnswer> => {
    budget.earn();
    return guard.execute(async ({ signal }) => {
      await pause.over(deadline);
      try {
        return await tryTimeout.execute((limited) => ask(pool, prefix + path, limited.signal), signal);
      } catch (error) {
        if (error instanceof RateLimited) pause.begin(error.retryAfterMs);
        throw error instanceof RequestFailure ? error : explainTransport(error, tryTimeoutMs);
      }
    }, deadline.signal);
  };
  return {
    async run(task) {
      const endsAtMs = performance.now() + deadlineMs;
      try {
        return await wholeTime.execute(({ signal }) => task((path) => get(path, { endsAtMs, signal })));
      } catch (error) {
        throw explain(error, deadlineMs, breaker);
      }
    },
    close: () => pool.destroy(),
  };
}

class RateLimited extends RequestFailure {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('limited', 'it limits requests');
    this.retryAfterMs = retryAfterMs;
  }
}

type FailureKind = RequestFailure['kind'];

/** Repeats around slots around the breaker: a request that waits to be repeated takes up no slot. */
function createGuard() {
  const budget = createRetryBudget(RETRY_SHARE, RETRY_RESERVE);
  const is = (kind: FailureKind) => (error: unknown) => error instanceof RequestFailure && error.kind === kind;
  const repeat = (kind: FailureKind, maxAttempts: number): RetryPolicy => {
    const isDue = handleWhen((error) => is(kind)(error) && budget.allows());
    // Its delays are jittered.
    const policy = retry(isDue, { maxAttempts, backoff: new ExponentialBackoff({ initialDelay: 30, maxDelay: 500 }) });
    policy.onRetry(() => budget.spend());
    return policy;
  };
  const breaker = circuitBreaker(handleWhen(is('unavailable')), {
    halfOpenAfter: BREAK_MS,
    breaker: new ConsecutiveBreaker(FAILURES_BEFORE_BREAK),
  });
  const guard = wrap(
    repeat('limited', MAX_LIMITED_RETRIES),
    repeat('unavailable', MAX_FAILED_RETRIES),
    bulkhead(MAX_REQUESTS, MAX_WAITING_REQUESTS),
    breaker,
  );
  return { budget, breaker, guard };
}

async function ask(pool: Pool, path: string, signal: AbortSignal): Promise<RestAnswer> {
  const headers = { accept: 'application/json' };
  const { statusCode: status, headers: answered, body } = await pool.request({ path, method: 'GET', headers, signal });
  if (status === 200 || status === 404) return { status, body: parseJson(await body.text()) };
  await body.dump();
  if (status === 429) throw new RateLimited(readRetryAfterMs(answered['retry-after'], Date.now()));
  if (status >= 500) throw new RequestFailure('unavailable', `it answers HTTP ${status}`);
  throw new RequestFailure('unreadable', `HTTP ${status} is no answer it promised`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RequestFailure('unreadable', 'it is not JSON', error);
  }
}

function explainTransport(error: unknown, tryTimeoutMs: number): RequestFailure {
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (name === 'AbortError' || error instanceof TaskCancelledError) {
    return new RequestFailure('unavailable', `it did not answer within ${tryTimeoutMs} ms`, error);
  }
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return new RequestFailure('unreadable', 'it is too large', error);
  if (typeof code === 'string' && code.startsWith('HPE_'))
    return new RequestFailure('unreadable', 'it is not HTTP', error);
  return new RequestFailure('unavailable', `it cannot be reached (${String(code)})`, error);
}

function explain(error: unknown, deadlineMs: number, breaker: CircuitBreakerPolicy): GraphQLError {
  if (error instanceof GraphQLError) return error;
  if (error instanceof RequestFailure && error.kind === 'unreadable') {
    return systemBadAnswer(`The answer of social security cannot be read: ${error.message}.`, error);
  }
  const reason =
    error instanceof BrokenCircuitError
      ? `${explainLastFailure(breaker)}, many times in a row, and is left alone for a moment`
      : explainSilence(error, deadlineMs);
  return systemUnavailable(`Social security does not answer: ${reason}.`, error);
}

function explainLastFailure({ lastFailure }: CircuitBreakerPolicy): string {
  return lastFailure && 'error' in lastFailure && lastFailure.error instanceof RequestFailure
    ? lastFailure.error.message
    : 'it failed';
}

function explainSilence(error: unknown, deadlineMs: number): string {
  if (error instanceof RequestFailure) return error.message;
  if (error instanceof TaskCancelledError) return `nothing came within ${deadlineMs} ms`;
  if (error instanceof BulkheadRejectedError) return 'too many requests wait for it already';
  if (error instanceof PausedError) return `it limits requests and asks to wait another ${error.waitMs} ms`;
  return 'something failed on the way';
}
