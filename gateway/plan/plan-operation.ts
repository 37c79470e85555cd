import type { QueryPlan } from '@apollo/query-planner';
import { print, type GraphQLSchema } from 'graphql';
import { GatewayFault } from '../errors.ts';
import { collectFields, rootSelections } from '../operation/collect-fields.ts';
import type { PreparedOperation } from '../operation/prepare.ts';
import type { Planner } from './planner.ts';

/**
 * Plans a prepared operation.
 * @throws GatewayFault as {@link Planner.plan}, and PLANNING_FAILED where the plan leaves out what was asked
 */
export async function planOperation(
  planner: Planner,
  prepared: PreparedOperation,
  schema: GraphQLSchema,
): Promise<QueryPlan> {
  const plan = await planner.plan(print(prepared.split.departments), prepared.name);
  if (!plan.node && asksDepartments(prepared, schema))
    throw new GatewayFault(
      'PLANNING_FAILED',
      'The planner gave an empty plan for an operation that selects something.',
    );
  return plan;
}

/** Whether anything is selected that only departments can answer. */
function asksDepartments({ operation, fragments }: PreparedOperation, schema: GraphQLSchema): boolean {
  const rootType = schema.getRootType(operation.operation);
  if (!rootType) return false;
  const fields = collectFields(rootType, rootSelections(operation.selectionSet), fragments, schema);
  return fields.some(({ node }) => !node.name.value.startsWith('__'));
}
