import { badInput } from './faults.ts';

/**
 * Checks the `months` argument that the city's departments share: 1 to 60.
 *
 * @param months `null` (which a client may send in place of the default) counts as 6
 * @throws GraphQLError BAD_USER_INPUT when it is outside
 */
export function checkMonths(months: number | null | undefined): number {
  const count = months ?? 6;
  if (count >= 1 && count <= 60) return count;
  throw badInput(`months is ${count}; it must be from 1 to 60.`);
}
