import { z } from 'zod';

/** Settings of the lines that requests leave in the log. */
export const requestLogSchema = z.strictObject({
  /**
   * Of which requests there is a line: `all`; `slow`, from `slowMs` on; `failed`, whose answer has no data or an error that is not a rule's. An
   * empty list for none. A line has names, codes and times, never a variable or a value.
   */
  requests: z.array(z.enum(['all', 'slow', 'failed'])).default(['slow', 'failed']),
  /** From how many milliseconds on a request is slow. */
  slowMs: z.number().int().min(0).max(3_600_000).default(1_000),
});

/** Settings of the requests' lines with every default filled in. */
export type RequestLogConfig = z.output<typeof requestLogSchema>;
