import type { PlainAnswer } from '../../gateway/message.ts';
import { pathText, type Expectation, type Path, type PossibleError } from './monolith.ts';

/** Where the gateway's answer is not the monolith's. */
export interface Difference {
  kind:
    | 'subjects'
    | 'pollution'
    | 'wrong fetch'
    | 'refused'
    | 'data'
    | 'data order'
    | 'error missing'
    | 'error unfounded'
    | 'error twice'
    | 'error message'
    | 'authority';
  text: string;
}

/** More errors than this are cut off by the gateway, so that some are missing is no difference. */
const MOST_ERRORS = 100;

/**
 * Compares an answer with what is right. Data must be the same text: values, nulls, and the order of names. Errors, as
 * far as the specification (section 6.4.4) leaves no choice:
 *
 * - each stands at a place that fails in the monolith's data (in an execution in which no null hides another), with the
 *   same message where the message is a subgraph's own;
 * - no place has two;
 * - each null of the answer that comes from an error has at least one error that leads to it: at the null itself, or
 *   below it with nothing but non-null types in between. Errors hidden by such a null may be there or not.
 *
 * One kind of error has no place in the monolith: a field that only the gateway asked for, because another one requires
 * it, has failed. It may be told of, at a name that the client did not select, or of the object where the client calls
 * something else by that name.
 */
export function compareAnswers(expected: Expectation, found: PlainAnswer): Difference[] {
  const errors = found.errors ?? [];
  if (found.data === undefined) return [{ kind: 'refused', text: errors.map(({ message }) => message).join('; ') }];
  const differences: Difference[] = [];
  if (JSON.stringify(found.data) !== JSON.stringify(expected.data))
    differences.push(
      sorted(found.data) === sorted(expected.data)
        ? { kind: 'data order', text: 'the names are not in the order of the selections' }
        : { kind: 'data', text: 'the data is not the same' },
    );
  const told = new Map<string, PossibleError>();
  for (const { path, message } of errors) {
    const place = pathText(path ?? []);
    const possible = expected.possible.get(place);
    if (told.has(place)) differences.push({ kind: 'error twice', text: place });
    else if (possible) told.set(place, possible);
    else if (!isInternal(path ?? [], expected.asked) && !isOfTakenName(path ?? [], message, expected.asked))
      differences.push({ kind: 'error unfounded', text: `${place}: ${message}` });
    if (possible && isSubgraphsOwn(possible.message) && possible.message !== message)
      differences.push({ kind: 'error message', text: `${place}: "${message}" instead of "${possible.message}"` });
  }
  if (expected.possible.size < MOST_ERRORS) differences.push(...missingErrors(expected, [...told.values()]));
  return differences;
}

/** Data as text in which the order of names plays no part. */
function sorted(data: unknown): string {
  return JSON.stringify(data, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
      : value,
  );
}

function missingErrors({ data, possible, excused }: Expectation, told: readonly PossibleError[]): Difference[] {
  const explained = new Set(told.map(({ landing }) => pathText(landing)));
  const missing = new Set<string>();
  for (const { landing } of possible.values()) {
    const place = pathText(landing);
    if (!explained.has(place) && !excused.has(place) && isNullAt(data, landing)) missing.add(place);
  }
  return [...missing].map((place) => ({ kind: 'error missing', text: `nothing says why ${place} is null` }));
}

/** Whether exactly this place is null, not one above it. */
function isNullAt(data: unknown, path: Path): boolean {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return false;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value === null;
}

function isSubgraphsOwn(message: string): boolean {
  return message.endsWith(' fails');
}

/** A name that the client did not select, below a place that it did. The planner's own aliases are not for clients. */
function isInternal(path: Path, asked: ReadonlySet<string>): boolean {
  const name = path.findIndex(
    (key, index) => typeof key === 'string' && !asked.has(pathText(path.slice(0, index + 1))),
  );
  return name > 0 && !/__/.test(String(path[name]));
}

/**
 * A failure in a field that only the gateway asked for, below a name that the client gave to another: told of the object.
 * An error that the client should have had further down is not taken for one of these unseen: there it is missing.
 */
function isOfTakenName(path: Path, message: string, asked: ReadonlySet<string>): boolean {
  if (!isSubgraphsOwn(message) && !message.startsWith('Cannot return null for non-nullable field ')) return false;
  const place = pathText(path).slice(0, -1);
  return asked.values().some((known) => known.startsWith(`${place},`));
}
