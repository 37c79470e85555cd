import { z } from 'zod';

/** Settings of what is told of how an answer came about. */
export const explainSchema = z.strictObject({
  /**
   * Who sends it as the header `switchyard-explain` is told how the answer came about, departments' names and requests
   * included, in `extensions.explain`, and by `GET /usage` which client uses which fields. Make it long and random. Default: none, and nobody is told, in production or not.
   */
  secret: z.string().min(1).optional(),
});
