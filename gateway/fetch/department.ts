import { Timeouts } from '../timeouts.ts';
import type { Channel } from './channel.ts';
import { CircuitBreaker, type CircuitBreakerOptions, type CircuitState } from './circuit-breaker.ts';
import { ConcurrencyLimit, type ConcurrencyOptions } from './concurrency-limit.ts';
import { openHttp1Channel } from './http1-channel.ts';
import { Latencies } from './latencies.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { SignRequest } from './signing.ts';
import { openUndiciChannel } from './undici-channel.ts';

/** How one subgraph is asked. */
export interface SubgraphTransport {
  url: string;
  /** How long one request may take, with all its attempts. */
  timeoutMs: number;
  /** The header that tells how many milliseconds are left, or false: none does. */
  timeoutHeader: string | false;
  maxConnections: number;
  maxResponseBytes: number;
  /** When it is left alone; false: never. */
  circuitBreaker: CircuitBreakerOptions | false;
  /** How many requests it gets at a time; the most is `maxConnections`. */
  concurrency: Omit<ConcurrencyOptions, 'max'>;
  /** Entities that it is asked for at once; more are asked for in parts. Absent: as many as there are. */
  maxEntitiesPerRequest?: number | undefined;
  /** When a query is asked a second time while the first is under way; false: never. */
  hedge: HedgeOptions | false;
  /** How often a request may be made again. */
  maxRetries: number;
  /** How long is waited before it is, at most and the first time. */
  retryDelayMs: number;
  /** Signs its requests. Absent: they are not signed, and do not say who asks. */
  sign?: SignRequest | undefined;
}

/** When a slow query is asked a second time. */
export interface HedgeOptions {
  /** Once it takes longer than this part of the department's last answers did, from 0 to 1. */
  afterQuantile: number;
  /** Not before, in milliseconds. */
  minDelayMs: number;
}

/** What a department's state is, for whoever runs the gateway. */
export interface DepartmentState {
  circuit: CircuitState;
  /** Requests under way. */
  inFlight: number;
  /** How many it gets at a time, as of now. */
  limit: number;
  /** Requests that wait for their turn. */
  queued: number;
  /** Requests that failed within the circuit breaker's window. */
  recentFailures: number;
  askedAgain: Readonly<AskedAgain>;
}

/** How often a department was asked more than once for one request, since it is asked at all. */
export interface AskedAgain {
  /** Attempts that were made because the one before failed. */
  retried: number;
  /** Attempts that were made beside a slow one. */
  hedged: number;
  /** Attempts of both kinds that were not made, because nothing was left of the budget. */
  refused: number;
}

/** What all departments of a gateway share. */
export interface SharedByDepartments {
  budget: RetryBudget;
  /** Told when a department begins or ends to be left alone. */
  onCircuit(subgraph: string, state: CircuitState): void;
}

/** A circuit that never opens. */
const NO_BREAKER: CircuitBreakerOptions = { failureRatio: Infinity, minRequests: 1, windowMs: 10_000, openMs: 1 };

/** A subgraph that is asked over HTTP, and what is shared by all who ask it. */
export class Department {
  readonly name: string;
  readonly transport: SubgraphTransport;
  readonly channel: Channel;
  readonly breaker: CircuitBreaker;
  readonly limit: ConcurrencyLimit;
  /** How long its requests may take. */
  readonly timeouts: Timeouts;
  /** Kept where it is asked a second time by them. */
  readonly latencies: Latencies | undefined;
  readonly askedAgain: AskedAgain = { retried: 0, hedged: 0, refused: 0 };
  /** All departments' one. */
  readonly budget: RetryBudget;

  constructor(name: string, transport: SubgraphTransport, { budget, onCircuit }: SharedByDepartments) {
    this.name = name;
    this.transport = transport;
    this.budget = budget;
    this.timeouts = new Timeouts(transport.timeoutMs);
    const url = new URL(transport.url);
    const { maxConnections, timeoutHeader, circuitBreaker, concurrency } = transport;
    const open = url.protocol === 'http:' ? openHttp1Channel : openUndiciChannel;
    this.channel = open({ url, maxConnections, ...(timeoutHeader !== false && { timeoutHeader }) });
    this.latencies = transport.hedge === false ? undefined : new Latencies();
    this.limit = new ConcurrencyLimit({ ...concurrency, max: maxConnections });
    this.breaker = new CircuitBreaker(circuitBreaker === false ? NO_BREAKER : circuitBreaker, (state) => {
      if (state === 'open') this.limit.refuseWaiting();
      onCircuit(name, state);
    });
  }

  /** Takes from the budget of all departments; what is refused is counted. */
  mayAskAgain(): boolean {
    const isAllowed = this.budget.take();
    if (!isAllowed) this.askedAgain.refused += 1;
    return isAllowed;
  }

  /** How long a query may take before it is asked a second time, in milliseconds; undefined where it is not. */
  hedgeDelayMs(): number | undefined {
    const { hedge } = this.transport;
    const usualMs = hedge === false ? undefined : this.latencies?.quantile(hedge.afterQuantile);
    return hedge === false || usualMs === undefined ? undefined : Math.max(usualMs, hedge.minDelayMs);
  }

  state(): DepartmentState {
    const { inFlight, limit, queued } = this.limit;
    const recentFailures = this.breaker.recentFailures(performance.now());
    return { circuit: this.breaker.state, inFlight, limit, queued, recentFailures, askedAgain: this.askedAgain };
  }
}
