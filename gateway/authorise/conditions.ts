import { buildMongoQueryMatcher, type ConditionsMatcher, type MongoQuery } from '@casl/ability';
import type { Caller } from '../caller.ts';

/** What must be true of a caller: paths with values or comparisons, in CASL's part of MongoDB's query language. */
export type Conditions = Readonly<Record<string, unknown>>;

const PATHS = [
  ...['kind', 'subject', 'organisation', 'department', 'roles', 'scopes'].map((name) => `identity.${name}`),
  ...['purpose', 'legalBasis', 'consentReference', 'caseNumber'].map((name) => `purpose.${name}`),
];
const CLAIMS = 'identity.claims.';
/** The comparisons that conditions may make. */
export const COMPARISONS: ReadonlySet<string> = new Set(
  ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'nin', 'all', 'size', 'regex', 'options', 'exists'].map(
    (name) => `$${name}`,
  ),
);

/** Compiles conditions. As in MongoDB numbers are compared with numbers and texts with texts: what is not there is not less than 100. */
export const compileConditions: ConditionsMatcher<MongoQuery> = buildMongoQueryMatcher({}, {}, { compare });

function compare(one: unknown, other: unknown): -1 | 0 | 1 {
  if (one === other) return 0;
  const isComparable = typeof one === typeof other && (typeof one === 'number' || typeof one === 'string');
  // Neither less, nor equal, nor greater.
  if (!isComparable) return Number.NaN as 0;
  return (one as number) > (other as number) ? 1 : -1;
}

/** Whether a path leads to something of a caller, such as `identity.roles` or `identity.claims.district`. */
export function isCallerPath(path: string): boolean {
  return PATHS.includes(path) || (path.startsWith(CLAIMS) && path.length > CLAIMS.length);
}

/**
 * Says what is wrong with conditions; undefined where nothing is. A path or a comparison that is misspelt would else never
 * hold, or hold for everyone.
 */
export function faultIn(conditions: Conditions): string | undefined {
  for (const [path, value] of Object.entries(conditions)) {
    if (!isCallerPath(path)) return `"${path}" is not known; there are ${PATHS.join(', ')} and ${CLAIMS}*`;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    const unknown = Object.keys(value).find((name) => !COMPARISONS.has(name));
    if (unknown !== undefined)
      return `"${unknown}" of "${path}" is no comparison; there are ${[...COMPARISONS].join(', ')}`;
  }
  try {
    compileConditions(conditions)({});
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Those of the conditions that do not hold for a caller. @param caller without what is absent */
export function unmetConditions(conditions: Conditions, caller: Caller): Conditions {
  const unmet = Object.entries(conditions).filter(
    ([path, value]) => !compileConditions({ [path]: value })({ ...caller }),
  );
  return Object.fromEntries(unmet);
}

/** What conditions look at: a caller without what is not given, so that `$exists` says whether it is. */
export function withoutAbsent({ identity, purpose, ...more }: Caller): Caller {
  return { identity: present(identity), purpose: present(purpose), ...more };
}

function present<Given extends object>(given: Given): Given {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Given;
}
