import type { GraphQLSchema } from 'graphql';
import type { Authority } from '../authorise/authoriser.ts';
import type { Decision } from '../authorise/decision.ts';
import { findDecisions, type FieldDecision } from '../authorise/restrictions.ts';
import { withEveryWay } from '../operation/conditions.ts';
import type { PreparedOperation } from '../operation/prepare.ts';

/**
 * What is decided about every field of an operation.
 * @param variables decide what is skipped and included; absent: every field that any variables would include
 */
export function decideFields(
  { operation, fragments }: Pick<PreparedOperation, 'operation' | 'fragments'>,
  { schema, authority }: { schema: GraphQLSchema; authority: Authority },
  variables?: Readonly<Record<string, unknown>>,
): FieldDecision[] {
  const decide = (typeName: string, fieldName: string) => authority.decided(typeName, fieldName);
  if (variables) return inTreeOrder(findDecisions(operation, { schema, fragments, variables }, decide));
  const every = new Map([...fragments].map(([name, fragment]) => [name, withEveryWay(fragment)]));
  return inTreeOrder(findDecisions(withEveryWay(operation), { schema, fragments: every, variables: {} }, decide));
}

/** Stands between the steps of a path; no response name holds it. */
const STEP = '.';

/** Paths of fields below which nothing is asked for, by whatever type an object there is. */
export function closedPaths(fields: readonly FieldDecision[]): ReadonlySet<string> {
  const open = new Set<string>();
  for (const { path, decision } of fields) if (isAskedFor(decision)) open.add(path.join(STEP));
  return new Set(fields.map(({ path }) => path.join(STEP)).filter((path) => !open.has(path)));
}

/** Whether something above a field keeps it from being asked for. */
export function isBelow(path: readonly string[], closed: ReadonlySet<string>): boolean {
  return path.some((_, length) => closed.has(path.slice(0, length).join(STEP)));
}

function isAskedFor({ outcome, mask, alternatives }: Decision): boolean {
  return outcome === 'ALLOW' || mask !== undefined || alternatives !== undefined;
}

/** Each field before those that stand below it. */
function inTreeOrder(fields: readonly FieldDecision[]): FieldDecision[] {
  const byParent = Map.groupBy(fields, ({ path }) =>
    path.slice(0, path.slice(0, -1).findLastIndex(isField) + 1).join(STEP),
  );
  const from = (parent: string): FieldDecision[] => {
    const byPath = Map.groupBy(byParent.get(parent) ?? [], ({ path }) => path.join(STEP));
    return [...byPath].flatMap(([path, ofPath]) => [...ofPath, ...from(path)]);
  };
  return from('');
}

function isField(step: string): boolean {
  return step !== '@';
}
