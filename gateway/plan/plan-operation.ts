import type { QueryPlan } from '@apollo/query-planner';
import { print } from 'graphql';
import type { PreparedOperation } from '../operation/prepare.ts';
import type { Planner } from './planner.ts';

/**
 * Plans a prepared operation.
 * @throws GatewayFault as {@link Planner.plan}
 */
export function planOperation(planner: Planner, { split, name }: PreparedOperation): Promise<QueryPlan> {
  return planner.plan(print(split.departments), name);
}
