import { z } from 'zod';

/** Settings that all kinds of services have. */
export const serviceLimits = {
  /** Sent with each request. */
  headers: z.record(z.string(), z.string()).default({}).describe('names, each with a text'),
  /** For one request. */
  timeoutMs: milliseconds(3_000),
  /** For one question, with all its requests, waiting and repeating. */
  deadlineMs: milliseconds(10_000),
  /** Requests at the same time, for all who ask together. */
  concurrency: z.coerce.number().pipe(z.int().min(1).max(100)).default(4).describe('a whole number from 1 to 100'),
  /** Pages of one list; a list that has more is an error. */
  maxPages: z.coerce.number().pipe(z.int().min(1).max(10_000)).default(100).describe('a whole number from 1 to 10000'),
  /** A larger answer is an error. */
  maxAnswerBytes: z.coerce
    .number()
    .pipe(z.int().min(1_024).max(1_073_741_824))
    .default(4 * 1_048_576)
    .describe('a number of bytes'),
};

function milliseconds(fallbackMs: number) {
  const whole = z.coerce.number().pipe(z.int().min(1).max(600_000));
  return whole.default(fallbackMs).describe('whole milliseconds from 1 to 600000');
}
