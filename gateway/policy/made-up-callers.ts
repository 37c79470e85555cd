import type { Conditions } from '../authorise/conditions.ts';
import type { RuleSet } from '../authorise/rule-set.ts';
import { NOBODY, type Caller } from '../caller.ts';
import type { NamedCaller } from './compare-rules.ts';
import { callerName, groundText } from './condition-text.ts';

/** Callers that are made up from rules. */
export interface MadeUpCallers {
  callers: NamedCaller[];
  /** Rules of whose conditions none could be made that fits. */
  without: string[];
  /** How many more there could have been. */
  leftOut: number;
}

/** What is true of a caller, by path. */
type Facts = Readonly<Record<string, unknown>>;

/** More are not made: each is asked about every operation. */
const MAX_CALLERS = 2_000;

/**
 * Makes up callers from all that rules look at: nobody, a person of whom nothing else is known, and whoever a condition on the
 * identity asks for, each for no purpose and for every purpose that a condition is about. Rules that go by a
 * grant are met by one who has it.
 */
export function makeUpCallers(sets: readonly RuleSet[]): MadeUpCallers {
  const identities = new Map<string, Facts>();
  const purposes = new Map<string, Facts>();
  const without = new Set<string>();
  const add = (to: Map<string, Facts>, facts: Facts): unknown =>
    to.set(JSON.stringify(Object.entries(facts).toSorted(([one], [other]) => (one < other ? -1 : 1))), facts);
  add(identities, { 'identity.kind': 'anonymous' });
  add(identities, {});
  add(purposes, {});
  for (const { id, conditions } of sets.flatMap(allConditions)) {
    const fitting = factsFor(conditions);
    if (fitting.length === 0) without.add(id);
    for (const facts of [...fitting, ...oppositesOf(conditions)]) {
      add(identities, partOf(facts, 'identity.'));
      add(purposes, partOf(facts, 'purpose.'));
    }
  }
  const all = [...identities.values()].flatMap((who) =>
    [...purposes.values()].map((whatFor) => ({ ...who, ...whatFor })),
  );
  const callers = [...all.slice(0, MAX_CALLERS).map(toCaller), ...sets.flatMap(grantedCallers)];
  return {
    callers: [...new Map(callers.map((each) => [each.name, each])).values()],
    without: [...without],
    leftOut: Math.max(0, all.length - MAX_CALLERS),
  };
}

/** For each rule that goes by a grant, whoever it is about, with one for all classes of its department. */
function grantedCallers({ files }: RuleSet): NamedCaller[] {
  return files.flatMap(({ department, rules }) => {
    const classes = [...new Set(rules.flatMap((rule) => rule.classes))];
    return rules.flatMap((rule): NamedCaller[] => {
      const ground = groundText(rule);
      if (ground === undefined) return [];
      const kind = rule.grant ? 'given' : 'break-glass';
      const grants = [{ id: ground, kind, department, classes, subjects: ['some subject'] } as const];
      return factsFor(rule.when).map((facts) => {
        const { name, caller } = toCaller(facts);
        return { name: `${name}, with ${ground} of ${department}`, caller: { ...caller, grants } };
      });
    });
  });
}

/** What rules and policies look at of the caller, with what record conditions compare records to. */
function allConditions({ files }: RuleSet): { id: string; conditions: Conditions }[] {
  return files.flatMap(({ rules, policies }) => [
    ...rules.map(({ id, when, record = {} }) => ({ id, conditions: { ...comparedTo(record), ...when } })),
    ...Object.entries(policies).map(([id, conditions]) => ({ id, conditions })),
  ]);
}

function comparedTo(record: Readonly<Record<string, unknown>>): Conditions {
  const paths = Object.values(record).flatMap((value) => {
    const same = isComparison(value) ? value['same'] : undefined;
    return typeof same === 'string' ? same : [];
  });
  return Object.fromEntries(paths.map((path) => [path, { $exists: true }]));
}

/** Callers for whom conditions hold; none where none could be made. */
function factsFor(conditions: Conditions): Facts[] {
  let found: Facts[] = [{}];
  for (const [path, value] of Object.entries(conditions)) {
    const values = examplesOf(callerName(path), value);
    found = found.flatMap((facts) => values.map((each) => (each === undefined ? facts : { ...facts, [path]: each })));
  }
  return found;
}

/** Callers for whom one of the conditions that want something not to be so does not hold. */
function oppositesOf(conditions: Conditions): Facts[] {
  return Object.entries(conditions).flatMap(([path, value]) => {
    if (!isComparison(value)) return [];
    const { $exists: exists, $ne, $nin } = value;
    const several: readonly unknown[] = Array.isArray($nin) ? $nin : [];
    const unwanted = [exists === false ? `some ${callerName(path)}` : undefined, $ne, ...several];
    return unwanted.filter((each) => each !== undefined).map((each) => ({ [path]: each }));
  });
}

/** Values for which a condition holds; undefined is none at all. */
function examplesOf(name: string, value: unknown): unknown[] {
  if (!isComparison(value)) return [value];
  const { $in: oneOf, $exists: exists, $eq, $all, $gte, $gt, $lte, $lt } = value;
  if (Array.isArray(oneOf)) return oneOf;
  if (exists === true) return [`some ${name}`];
  const [exact] = [$eq, $all, $gte, $lte].filter((each) => each !== undefined);
  if (exact !== undefined) return [exact];
  if (typeof $gt === 'number') return [$gt + 1];
  if (typeof $lt === 'number') return [$lt - 1];
  const isNegative = Object.keys(value).every((each) => ['$exists', '$ne', '$nin'].includes(each));
  return isNegative ? [undefined] : [];
}

function partOf(facts: Facts, prefix: string): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([path]) => path.startsWith(prefix)));
}

const LISTS = new Set(['identity.roles', 'identity.scopes']);
const CLAIMS = 'identity.claims.';

function toCaller(facts: Facts): NamedCaller {
  const identity: Record<string, unknown> = { ...NOBODY.identity, kind: 'person' };
  const purpose: Record<string, unknown> = { ...NOBODY.purpose };
  const claims: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(facts)) {
    if (path.startsWith(CLAIMS)) claims[path.slice(CLAIMS.length)] = value;
    else if (path.startsWith('purpose.')) purpose[callerName(path)] = value;
    else identity[callerName(path)] = LISTS.has(path) ? [value].flat() : value;
  }
  return { name: nameOf(facts), caller: { identity: { ...identity, claims }, purpose } as unknown as Caller };
}

function nameOf(facts: Facts): string {
  const parts = Object.entries(facts).map(([path, value]) => {
    const name = callerName(path);
    if (path === 'identity.kind') return String(value);
    const text = [value].flat().map(String).join(' ');
    return text.startsWith('some ') ? text : `${name} ${text}`;
  });
  return parts.join(', ') || 'a person';
}

function isComparison(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
