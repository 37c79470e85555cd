import type { QueryPlan } from '@apollo/query-planner';
import {
  getNamedType,
  isAbstractType,
  isObjectType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type GraphQLSchema,
} from 'graphql';
import type { GuardedField } from '../operation/field-access.ts';
import { eachFetch } from './faults/translate-plan.ts';
import type { GuardedFetchNode } from './guards.ts';

/**
 * Makes sure that a plan asks for guarded fields in guarded fetches alone: of the records that are decided about, and not of others that
 * come along with them.
 *
 * @param schema the supergraph's
 * @throws Error where it does not, so that the operation is refused
 */
export function refuseUnguarded(plan: QueryPlan, guarded: readonly GuardedField[], schema: GraphQLSchema): QueryPlan {
  const coordinates = new Set(guarded.map(({ typeName, fieldName }) => `${typeName}.${fieldName}`));
  if (plan.node && coordinates.size > 0)
    eachFetch(plan.node, (fetch) => {
      const found = unguardedIn(fetch, coordinates, schema);
      if (found !== undefined) throw new Error(`The plan asks ${fetch.serviceName} for ${found} of any record.`);
    });
  return plan;
}

/** A guarded field that a fetch asks for of who knows which record. */
function unguardedIn(
  { operation, guard }: GuardedFetchNode,
  coordinates: ReadonlySet<string>,
  schema: GraphQLSchema,
): string | undefined {
  const info = new TypeInfo(schema);
  const around: string[] = [];
  let found: string | undefined;
  const enter = ({ name: { value: name } }: { name: { value: string } }): void => {
    const parent = getNamedType(info.getParentType());
    const types = isAbstractType(parent) ? schema.getPossibleTypes(parent) : isObjectType(parent) ? [parent] : [];
    const isOfRecord = guard !== undefined && around.length === 1 && around[0] === '_entities';
    if (!isOfRecord) found ??= types.map((type) => `${type.name}.${name}`).find((each) => coordinates.has(each));
    around.push(name);
  };
  const leave = (): void => void around.pop();
  visit(parse(operation), visitWithTypeInfo(info, { Field: { enter, leave } }));
  return found;
}
