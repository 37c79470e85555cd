import type { QueryPlan } from '@apollo/query-planner';
import { print } from 'graphql';
import { decideConditions } from '../operation/conditions.ts';
import type { PreparedOperation } from '../operation/prepare.ts';
import type { Planner } from './planner.ts';

/**
 * Plans a prepared operation for one way its `@skip` and `@include` go.
 *
 * @param variables values of its condition variables
 * @throws GatewayFault as {@link Planner.plan}
 */
export function planOperation(
  planner: Planner,
  { split, name }: PreparedOperation,
  variables: Readonly<Record<string, unknown>>,
): Promise<QueryPlan> {
  return planner.plan(print(decideConditions(split.departments, variables)), name);
}
