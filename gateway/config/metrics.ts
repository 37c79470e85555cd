import { z } from 'zod';
import { count } from './units.ts';

/** Settings of the metrics. */
export const metricsSchema = z.strictObject({
  /**
   * Port of a server of its own for `GET /metrics`, in the format of Prometheus; 0 takes any free one. Default: none. Nobody is asked who
   * they are there, and what it tells is for those who run the gateway: names of operations, of clients, of departments and of dispatches, and how each is used.
   * Of several workers each has the next port after it.
   */
  port: z.number().int().min(0).max(65_535).optional(),
  /** Address that this server listens on. */
  host: z.string().default('127.0.0.1'),
  /** Whether `/metrics` is served beside the graph too: to whoever can reach the graph. */
  besideGraph: z.boolean().default(false),
  /** Names of operations that are told apart; those of saved operations come first, and what is beyond is `other`. */
  maxOperations: count.default(100),
  /** Names of clients that are told apart; what is beyond is `other`. */
  maxClients: count.default(50),
  /** Names of dispatches that are told apart, those first that run first; what is beyond is `other`. */
  maxDispatches: count.default(100),
});
