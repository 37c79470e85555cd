import { z } from 'zod';
import { count } from './units.ts';

/** Automatic persisted queries: a client names an operation by its hash, and sends its text only where that is not known. */
export const persistedQueriesSchema = z.strictObject({
  /** Whether they are taken. Where not, clients are told so and send the text each time. */
  enabled: z.boolean().default(true),
  /** Bytes of texts that are kept in the process; those not asked for longest go first. With Redis (`cache`) all are kept there as well. */
  maxBytes: count.default(16_777_216),
});
