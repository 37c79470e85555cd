import type { Caller, CallerGrant } from '../caller.ts';
import { compileConditions, COMPARISONS, isCallerPath } from './conditions.ts';

/**
 * What must be true of a record: paths of its fields, such as `district` or `enterprise.uscc`, each with a value, with comparisons as in
 * a rule's `when`, or with `{ same: <path of the caller> }`.
 */
export type RecordConditions = Readonly<Record<string, unknown>>;

/** Whether a record fits. @param grant what the rule goes by */
export type MatchesRecord = (record: Readonly<Record<string, unknown>>, caller: Caller, grant?: CallerGrant) => boolean;

/** Stands for whom the grant is about that a rule goes by. */
export const GRANT_SUBJECTS = 'grant.subjects';

/** Whether conditions ask whom a grant is about. */
export function comparesSubjects(conditions: RecordConditions): boolean {
  return Object.values(conditions).some((value) => isObject(value) && value['same'] === GRANT_SUBJECTS);
}

/** Says what is wrong with conditions; undefined where nothing is. */
export function faultInRecord(conditions: RecordConditions): string | undefined {
  for (const [path, value] of Object.entries(conditions)) {
    if (!PATH.test(path)) return `"${path}" is no path of fields, such as enterprise.uscc`;
    if (!isObject(value)) continue;
    const names = Object.keys(value);
    if (names.includes('same')) {
      const { same } = value;
      if (names.length > 1 || typeof same !== 'string' || !(same === GRANT_SUBJECTS || isCallerPath(same)))
        return `"same" of "${path}" needs the path of something of the caller, such as identity.claims.district, or ${GRANT_SUBJECTS}`;
      continue;
    }
    const unknown = names.find((name) => !COMPARISONS.has(name));
    if (unknown !== undefined)
      return `"${unknown}" of "${path}" is no comparison; there are same, ${[...COMPARISONS].join(', ')}`;
  }
  try {
    compileRecordConditions(conditions);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const PATH = /^[_A-Za-z]\w*(\.[_A-Za-z]\w*)*$/;

/** Compiles conditions that {@link faultInRecord} finds nothing wrong with. */
export function compileRecordConditions(conditions: RecordConditions): MatchesRecord {
  const tests = Object.entries(conditions).map(([path, value]): MatchesRecord => {
    if (isObject(value) && typeof value['same'] === 'string') return isSame(path.split('.'), value['same'].split('.'));
    const matches = compileConditions({ [path]: value });
    return (record) => matches({ ...record });
  });
  return (record, caller, grant) => tests.every((test) => test(record, caller, grant));
}

/** Nothing is the same as what the caller does not have. */
function isSame(recordPath: readonly string[], callerPath: readonly string[]): MatchesRecord {
  return (record, caller, grant) => {
    const has = valuesAt({ ...caller, grant }, callerPath).map(String);
    return has.length > 0 && valuesAt(record, recordPath).some((value) => has.includes(String(value)));
  };
}

/** The texts, numbers and truths at a path; of lists those of each item. */
function valuesAt(from: unknown, path: readonly string[]): unknown[] {
  if (from === null || from === undefined) return [];
  if (Array.isArray(from)) return from.flatMap((item) => valuesAt(item, path));
  const [name, ...rest] = path;
  if (name === undefined) return typeof from === 'object' ? [] : [from];
  return typeof from === 'object' && Object.hasOwn(from, name)
    ? valuesAt((from as Record<string, unknown>)[name], rest)
    : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
