import type { QueryPlan } from '@apollo/query-planner';
import { print, type GraphQLSchema } from 'graphql';
import type { FieldAccess, GuardedField } from '../operation/field-access.ts';
import { normaliseOperation } from '../operation/normalise.ts';
import type { PreparedOperation } from '../operation/prepare.ts';
import type { SubjectTypes } from '../supergraph/subject-types.ts';
import type { Planner } from './planner.ts';

/** Plans operations for one supergraph. */
export interface PlanContext {
  planner: Planner;
  apiSchema: GraphQLSchema;
  /** What the caller may see of it. */
  access: FieldAccess;
  /** Fields of which the record decides whether the caller may see them. */
  guarded: readonly GuardedField[];
  /** Types of entities whose keys are asked for as well. Default: none. */
  subjects?: SubjectTypes | undefined;
}

/**
 * Plans a prepared operation for one way its `@skip` and `@include` go. A plan made of what is left then asks for what is
 * needed and no more; a plan with conditions in it requires inputs that its own conditions left out.
 *
 * @param variables values of its condition variables
 * @throws GatewayFault as {@link Planner.plan}
 */
export function planOperation(
  { planner, apiSchema, access, guarded, subjects }: PlanContext,
  { operation, fragments, dataKeys, name }: PreparedOperation,
  variables: Readonly<Record<string, unknown>>,
): Promise<QueryPlan> {
  const normalised = normaliseOperation(operation, { apiSchema, fragments, dataKeys, variables, access, subjects });
  return planner.plan(print(normalised), name, guarded);
}
