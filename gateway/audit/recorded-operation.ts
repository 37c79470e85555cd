import { OperationTypeNode, type OperationDefinitionNode } from 'graphql';
import { coordinatesOf, type Restriction } from '../authorise/restrictions.ts';
import type { CollectContext } from '../operation/collect-fields.ts';
import type { FieldAccess } from '../operation/field-access.ts';
import type { AccessConditions } from '../supergraph/access-conditions.ts';
import type { TrailRefusal } from './entry.ts';

/** What records say of an operation: the same for all callers who may see the same of it. */
export interface RecordedOperation {
  /** Coordinates of the fields that are given as they are, whatever the records they are of. */
  readonly fields: readonly string[];
  /** Those that are not, whatever the records they are of. */
  readonly refused: readonly TrailRefusal[];
  /** When its records are written. */
  readonly when: 'before-answer' | 'soon';
}

/** What describing an operation depends on. */
export interface DescribeContext extends CollectContext {
  /** What its callers may see of it. */
  access: FieldAccess;
  /** What is not given as it is. */
  restrictions: readonly Restriction[];
  /** What would not be if the rules were enforced. */
  reported: readonly Restriction[];
  conditions: AccessConditions;
  /** See the setting `audit.soonClasses`. */
  soonClasses: ReadonlySet<string>;
}

/** Says of an operation what its records have in common. */
export function describeOperation(operation: OperationDefinitionNode, context: DescribeContext): RecordedOperation {
  const { access, restrictions, reported } = context;
  const asked = coordinatesOf(operation, context, (type, field) => access.of(type, field)?.kind !== 'refused');
  const byRecord = new Set(
    restrictions.filter(({ decision }) => decision.alternatives).map(({ coordinate }) => coordinate),
  );
  const refused = new Map(
    restrictions
      .filter(({ coordinate }) => !byRecord.has(coordinate))
      .map((restriction) => [restriction.coordinate, toRefusal(restriction)]),
  );
  const tried = new Map(
    reported.map((restriction) => [restriction.coordinate, { ...toRefusal(restriction), isReported: true } as const]),
  );
  const maySoon = operation.operation === OperationTypeNode.QUERY && asked.every((each) => isSoon(each, context));
  return {
    fields: asked.filter((coordinate) => !refused.has(coordinate) && !byRecord.has(coordinate)),
    refused: [...refused.values(), ...tried.values()],
    when: maySoon ? 'soon' : 'before-answer',
  };
}

function toRefusal({ coordinate, decision: { outcome, rule } }: Restriction): TrailRefusal {
  return { coordinate, outcome, rule };
}

/** Whether all that a field's access depends on are classes whose reading may be written soon. */
function isSoon(coordinate: string, { conditions, soonClasses }: DescribeContext): boolean {
  if (soonClasses.size === 0) return false;
  return (conditions.byField.get(coordinate) ?? []).every((number) => {
    const condition = conditions.conditions[number]!;
    if (condition.kind === 'class') return soonClasses.has(condition.name);
    return condition.kind === 'unclassified' && soonClasses.has('unclassified');
  });
}
