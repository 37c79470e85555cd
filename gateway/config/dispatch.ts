import { z } from 'zod';
import { count, milliseconds } from './units.ts';
import { receiverSchema } from './dispatch-receivers.ts';

/** Whom something may be dispatched to: by what authority it is asked for, and where it goes. */
const recipientSchema = z.strictObject({
  /** The department it is for: who acts for that may dispatch to it. */
  department: z.string().min(1),
  organisation: z.string().min(1).optional(),
  /** What rules see of whoever asks in its name, as of any caller; its name is the subject. */
  roles: z.array(z.string().min(1)).default([]),
  scopes: z.array(z.string().min(1)).default([]),
  claims: z.record(z.string(), z.unknown()).default({}),
  receiver: receiverSchema,
});

/** Saved operations that are run by schedule or on change, and delivered. */
export const dispatchSchema = z.strictObject({
  /** Where they are kept: `off`, an SQLite file, or a PostgreSQL address (`postgres://`), which gateways that share the work need. */
  store: z.string().min(1).default('off'),
  /** What a statement may take. */
  timeoutMs: milliseconds.default(5_000),
  /** Whether this gateway carries them out, or only lets them be seen and changed. */
  carriesOut: z.boolean().default(true),
  /** Runs that a gateway carries out at once. */
  concurrency: z.number().int().min(1).max(64).default(2),
  /** How often it looks for what is due. */
  lookEveryMs: milliseconds.default(1_000),
  /** After how long without a word from a gateway another one goes on with its runs. Their clocks must not be apart by more. */
  leaseMs: milliseconds.min(300).default(30_000),
  /** How long asking for one page may take. */
  requestTimeoutMs: milliseconds.default(30_000),
  /** How long a receiver may take for one part. */
  deliveryTimeoutMs: milliseconds.default(30_000),
  /** How what failed is tried again: after `firstMs`, then twice as long each time up to `maxMs`, a quarter more or less; then it is dead. */
  retry: z
    .strictObject({
      firstMs: milliseconds.default(1_000),
      maxMs: milliseconds.default(3_600_000),
      maxAttempts: count.max(1_000).default(20),
    })
    .prefault({}),
  /** Bytes of one part as JSON. */
  maxDeliveryBytes: count.default(1_048_576),
  /** Parts of one run. */
  maxParts: count.default(1_000),
  /** Rows that one run reads. */
  maxRows: count.default(200_000),
  /** Runs of each dispatch that are kept; the trail has all. */
  keepRuns: count.default(1_000),
  /** Events that are kept. */
  keepEvents: count.default(100_000),
  /** Whom something may be dispatched to, by name. */
  recipients: z
    .record(z.string().regex(/^[\w.-]{1,64}$/, 'up to 64 letters, digits and . _ -'), recipientSchema)
    .default({}),
});

/** Settings with every default filled in. */
export type DispatchConfig = z.output<typeof dispatchSchema>;
