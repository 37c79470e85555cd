import { GraphQLError } from 'graphql';

/** The caller asked for something that cannot be answered: `extensions.code` is `BAD_USER_INPUT`. */
export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/**
 * The department's own system is down or over its time limit: `extensions.code` is `SYSTEM_UNAVAILABLE`.
 *
 * @param message what a client may read: never an address, a query or a driver's own words
 * @param cause kept for the department's own eyes; it is not part of the answer
 */
export function systemUnavailable(message: string, cause?: unknown): GraphQLError {
  return faultOf('SYSTEM_UNAVAILABLE', message, cause);
}

/** The department's own system answered something that breaks its promise: `extensions.code` is `SYSTEM_BAD_ANSWER`. */
export function systemBadAnswer(message: string, cause?: unknown): GraphQLError {
  return faultOf('SYSTEM_BAD_ANSWER', message, cause);
}

/**
 * Checks the `first` argument of a list.
 *
 * @param first `null` (which a client may send in place of the default) counts as `fallback`
 * @param bounds `argument` is what the client calls it
 * @throws GraphQLError BAD_USER_INPUT when it is below 1 or above `max`
 */
export function checkFirst(
  first: number | null | undefined,
  { fallback, max, argument = 'first' }: { fallback: number; max: number; argument?: string },
): number {
  const count = first ?? fallback;
  if (count >= 1 && count <= max) return count;
  throw badInput(`${argument} is ${count}; it must be from 1 to ${max}.`);
}

function faultOf(code: string, message: string, cause: unknown): GraphQLError {
  const originalError = cause instanceof Error ? cause : undefined;
  return new GraphQLError(message, { extensions: { code }, ...(originalError && { originalError }) });
}
