import { z } from 'zod';
import { count, milliseconds } from './config-units.ts';

/** How the supergraph is followed: a changed one is made ready beside the one that is served, and then takes its place. */
export const reloadSchema = z.strictObject({
  /** How often it is looked whether the supergraph has changed; SIGHUP looks at once. Default: 1000 for files, 10000 over HTTP. */
  lookEveryMs: milliseconds.optional(),
  /** How long getting it over HTTP, or composing it, may take. */
  timeoutMs: milliseconds.default(10_000),
  /** Largest supergraph that is taken. */
  maxBytes: count.default(67_108_864),
  /** Sent along where it is got over HTTP, such as `authorization`. */
  headers: z.record(z.string(), z.string()).default({}),
  /** Operations that are planned and compiled before a changed supergraph is served: those asked for most, then those saved. */
  maxOperations: count.default(500),
  /** How long that may take; what is not ready by then is planned when it is asked for. */
  planningTimeoutMs: milliseconds.default(30_000),
});
