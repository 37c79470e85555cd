import { z } from 'zod';
import { count, milliseconds } from './units.ts';

/** How long one request may take, with all that it waits for and every time it is asked again, before the fields it was for become null. */
const timeoutMs = milliseconds;

/**
 * The header that tells a department how many milliseconds are left for its answer, or false. What is signed cannot be told later, and
 * what is told is how long there is when it is sent: so it is not signed, and cannot have a name of those that must be.
 */
const timeoutHeader = z.union([
  z.literal(false),
  z
    .string()
    .regex(
      /^(?!switchyard-)[a-z][a-z0-9-]{0,63}$/,
      'must be a name in lower case that does not begin with switchyard-',
    ),
]);

/**
 * How often a query is asked again that found nobody (connection refused or reset; 502, 503, 504), and a mutation whose connection was
 * refused. `Retry-After` is respected; what would come too late is not asked again. 0: never.
 */
const maxRetries = z.number().int().min(0).max(10);

/** How long is waited before: at random up to this, up to twice as much the next time, and so on. */
const retryDelayMs = milliseconds;

/** When a department that does not answer is left alone for a moment, so that callers are told at once; false: never. */
const circuitBreaker = z.union([
  z.literal(false),
  z.strictObject({
    /** The part of its requests that has to fail: no answer in time, connection lost, 502 to 504, another 5xx without JSON. */
    failureRatio: z.number().gt(0).max(1).default(0.5),
    /** Fewer requests than this say nothing. */
    minRequests: count.default(20),
    /** Over which time both are counted. */
    windowMs: milliseconds.default(10_000),
    /** How long it is left alone before one request tries whether it is back. */
    openMs: milliseconds.default(1_000),
  }),
]);

/**
 * How many requests it gets at a time: at most `maxConnections`, less while it takes twice as long as usual or does not answer. Those beyond
 * it wait.
 */
const concurrency = z.strictObject({
  /** The least that it gets, however slow it is. As much as `maxConnections`: it never gets less than that. */
  min: count.default(10),
  /** Requests that may wait; more are refused. */
  maxQueue: count.default(1_000),
  /** How long each may wait before it is refused. */
  maxQueueMs: milliseconds.default(1_000),
});

/**
 * Whether a query that takes longer than usual is asked a second time, and the answer that comes first is taken. It costs what the retry budget allows,
 * and is for departments of several instances, of which one may be slow.
 */
const hedge = z.union([
  z.literal(false),
  z.strictObject({
    /** Asked again after the time in which this part of the department's last 256 answers came. */
    afterQuantile: z.number().min(0.5).max(0.999).default(0.95),
    /** And not before. */
    minDelayMs: milliseconds.default(10),
  }),
]);

/** Entities that it is asked for at once; more are asked for in several requests at a time. */
const maxEntitiesPerRequest = count;

/** Whether its requests are signed and say who asks and what for. */
const sign = z.boolean();

/** What holds for every subgraph unless it has settings of its own. */
export const allSubgraphsSchema = z.strictObject({
  timeoutMs: timeoutMs.default(5_000),
  timeoutHeader: timeoutHeader.default('x-request-timeout-ms'),
  maxRetries: maxRetries.default(2),
  retryDelayMs: retryDelayMs.default(50),
  circuitBreaker: circuitBreaker.prefault({}),
  concurrency: concurrency.prefault({}),
  hedge: hedge.default(false),
  /** Default: however many there are. */
  maxEntitiesPerRequest: maxEntitiesPerRequest.optional(),
  /** Connections to one subgraph, and the most requests that it gets at a time. */
  maxConnections: count.default(128),
  /** Largest answer of a subgraph. */
  maxResponseBytes: count.default(33_554_432),
  /** Default: where `signing` is set. */
  sign: sign.optional(),
});

/** Settings for the requests to one subgraph. Default of each: that of `allSubgraphs`. */
export const subgraphSchema = z.strictObject({
  /** Where the subgraph is asked, instead of the supergraph's routing URL. */
  routingUrl: z.url({ protocol: /^https?$/ }).optional(),
  timeoutMs: timeoutMs.optional(),
  timeoutHeader: timeoutHeader.optional(),
  maxRetries: maxRetries.optional(),
  retryDelayMs: retryDelayMs.optional(),
  /** As a whole: what it leaves out is the default's. */
  circuitBreaker: circuitBreaker.optional(),
  /** As a whole, too. */
  concurrency: concurrency.optional(),
  hedge: hedge.optional(),
  maxEntitiesPerRequest: maxEntitiesPerRequest.optional(),
  sign: sign.optional(),
});
