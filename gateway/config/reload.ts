import { z } from 'zod';
import { count, milliseconds } from './units.ts';

/** How the supergraph is followed: a changed one is made ready beside the one that is served, and then takes its place. */
export const reloadSchema = z.strictObject({
  /** How often it is looked whether the supergraph has changed; SIGHUP looks at once. Default: 1000 for files, 10000 over HTTP, 250 at a registry. */
  lookEveryMs: milliseconds.optional(),
  /** How long getting it over HTTP, or composing it, may take. */
  timeoutMs: milliseconds.default(10_000),
  /** Largest supergraph that is taken. */
  maxBytes: count.default(67_108_864),
  /** Sent along where it is got over HTTP, such as `authorization`. */
  headers: z.record(z.string(), z.string()).default({}),
  /** Roots (PEM) that vouch for whoever gives the supergraph over HTTPS. Default: those that Node knows */
  caFile: z.string().min(1).optional(),
  /** The registry's public keys (PEM): the address is that of a registry's supergraph, and only what it has signed is served. Default: it is no registry's */
  publicKeyFile: z.string().min(1).optional(),
  /** Where the last supergraph of the registry is kept, for a start while the registry is away. */
  lastGoodFile: z.string().min(1).default('.switchyard/last-good-supergraph.json'),
  /** How often the registry is told which clients use which fields; 0: never. */
  reportUsageEveryMs: z.number().int().min(0).max(3_600_000).default(10_000),
  /** Operations that are planned and compiled before a changed supergraph is served: those asked for most, then those saved. */
  maxOperations: count.default(500),
  /** How long that may take; what is not ready by then is planned when it is asked for. */
  planningTimeoutMs: milliseconds.default(30_000),
});
