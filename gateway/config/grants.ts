import { z } from 'zod';
import { milliseconds } from './units.ts';

/** Settings of the store of grants. */
export const grantsSchema = z.strictObject({
  /** Where they are kept: `off`, an SQLite file, or a PostgreSQL address (`postgres://`). */
  store: z.string().min(1).default('off'),
  /** What a statement may take before requests that rely on a grant are refused with 503. */
  timeoutMs: milliseconds.default(1_000),
  /** How often it is read what other gateways changed. */
  readEveryMs: milliseconds.default(1_000),
});
