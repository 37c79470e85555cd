import { z } from 'zod';
import { count, milliseconds } from './units.ts';

/** Settings of the planner and of what is kept of its work. */
export const plannerSchema = z.strictObject({
  /** How long planning one operation may take before it is given up. */
  timeoutMs: milliseconds.default(10_000),
  /** Operations that may wait for a plan; more are refused with 503. */
  maxQueue: count.default(100),
  /** Operations kept ready to run: parsed, checked, planned and compiled. */
  maxOperations: count.default(1_000),
});
