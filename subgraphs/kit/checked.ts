import type { GraphQLError } from 'graphql';
import type { z } from 'zod';
import { systemBadAnswer } from './faults.ts';

/**
 * A value of the wrapped system, or the error that stands in its place. A resolver may return it as it is:
 * graphql-js reports a returned error at the path of the field or list item, and the rest of the answer stays.
 */
export type Checked<T> = T | GraphQLError;

/**
 * Checks one value or one row of a system's answer; `SYSTEM_BAD_ANSWER` where it does not fit.
 *
 * @param place whose value it is, for the message: `the arrears of taxpayer 91-X`
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown, place: string): Checked<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  return systemBadAnswer(
    `The department's system gave a value that does not fit in ${place}: ${field}${issue?.message}.`,
  );
}
