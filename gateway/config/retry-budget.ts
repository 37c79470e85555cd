import { z } from 'zod';

/** How much more all departments together may be asked by asking again, so that what is overloaded is not asked even more. */
export const retryBudgetSchema = z.strictObject({
  /** For each request so much of another one. */
  ratio: z.number().min(0).max(1).default(0.1),
  /** Beside that so many a second, for a gateway that is asked little. */
  minPerSecond: z.number().min(0).default(10),
});
