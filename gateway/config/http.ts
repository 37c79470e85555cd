import { z } from 'zod';
import { tlsSchema } from './tls.ts';
import { count, milliseconds } from './units.ts';

/** Settings of the server that clients ask. */
export const httpSchema = z.strictObject({
  /** Address to listen on. `0.0.0.0` opens the gateway to the network. */
  host: z.string().default('127.0.0.1'),
  /** 0 takes any free port. */
  port: z.number().int().min(0).max(65_535).default(4000),
  /** Largest request body. */
  maxBodyBytes: count.default(1_048_576),
  /** How long one request may take in all; what is not there by then is null with an error. */
  requestTimeoutMs: milliseconds.default(10_000),
  /** How long an idle connection is kept open. */
  keepAliveTimeoutMs: milliseconds.default(65_000),
  /** How long clients that keep connections are told to use them no more, before idle ones are closed, once the gateway is told to stop. */
  shutdownAnnounceMs: milliseconds.default(500),
  /** How long requests under way may still take after that. */
  shutdownTimeoutMs: milliseconds.default(10_000),
  /** When requests to the graph are refused with 503 before they are read; `/health` and `/ready` never are. */
  overload: z
    .strictObject({
      /** Requests under way. */
      maxRequests: count.default(2_000),
      /** How late the gateway's thread may come to what it has to do, twice in a row within some tenths of a second. */
      maxEventLoopDelayMs: milliseconds.default(500),
    })
    .prefault({}),
  /** Default: plain HTTP. */
  tls: tlsSchema.optional(),
});
