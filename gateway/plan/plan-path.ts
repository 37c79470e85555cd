import type { PlanNode, QueryPlan, ResponsePath } from '@apollo/query-planner';

/** One step of a plan's path. */
export interface PathStep {
  /** The name of a field in the data, or `@` for each item of a list. */
  key: string;
  /** The types of the objects there that the path goes on from. Undefined: of any. */
  types: readonly string[] | undefined;
}

/** `key|[A,B]` goes on from objects of the types A and B alone; names of fields and types have none of these characters. */
const CONDITIONED = /^(.*)\|\[(.*)\]$/;

/** The steps of a plan's path; in it, `@` stands for each item of a list, and `key|[A,B]` leads on from some types alone. */
export function pathSteps(path: Readonly<ResponsePath>): PathStep[] {
  return path.map((element) => {
    const [, key, types] = CONDITIONED.exec(String(element)) ?? [];
    return key === undefined ? { key: String(element), types: undefined } : { key, types: types!.split(',') };
  });
}

/** The fields on a plan's path, each with the types of its objects that the path goes on from, be they in lists or not. */
export function fieldSteps(path: ResponsePath): PathStep[] {
  const fields: PathStep[] = [];
  for (const { key, types } of pathSteps(path)) {
    if (key !== '@') fields.push({ key, types });
    else if (types && fields.length > 0) fields.push({ ...fields.pop()!, types });
  }
  return fields;
}

/** The names of the fields on a plan's path. */
export function fieldsOf(path: ResponsePath): string[] {
  return fieldSteps(path).map(({ key }) => key);
}

/**
 * Whether a path passes by objects of a type at a place and does not go on from them.
 *
 * @param steps the fields of the path
 * @param place names of the fields that lead to the place
 */
export function passesBy(steps: readonly PathStep[], place: readonly string[], typeName: string): boolean {
  const types = steps[place.length - 1]?.types;
  return types !== undefined && !types.includes(typeName) && place.every((key, index) => key === steps[index]!.key);
}

/**
 * Writes a plan's paths as this gateway reads them, in place. The planner puts an empty element before paths with types in them, and
 * names no types where it does not know any, because a department knows an interface as an object.
 */
export function writePaths(plan: QueryPlan): QueryPlan {
  if (plan.node && plan.node.kind !== 'Subscription') writePathsOf(plan.node);
  return plan;
}

function writePathsOf(node: PlanNode): void {
  if (node.kind === 'Sequence' || node.kind === 'Parallel') node.nodes.forEach(writePathsOf);
  else if (node.kind === 'Flatten') {
    const [first, ...rest] = node.path.map((element) => String(element).replace(/\|\[\]$/, ''));
    node.path = first === '' || first?.startsWith('|[') ? rest : [first!, ...rest];
    writePathsOf(node.node);
  }
}
