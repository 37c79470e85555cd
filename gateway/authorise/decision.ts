import type { Caller } from '../caller.ts';
import type { MatchesRecord, RecordConditions } from './record-conditions.ts';

/** What a rule comes to, the more open first. */
export const OUTCOMES = ['ALLOW', 'MASK', 'AGGREGATE', 'NEEDS_CONSENT', 'DENY'] as const;

/** What a rule comes to. */
export type Outcome = (typeof OUTCOMES)[number];

/** The answer to "may this caller see this?", with its reason. */
export interface Decision {
  readonly outcome: Outcome;
  /** The rule that decided, by its id. */
  readonly rule: string;
  /** What the rule says, for people. */
  readonly text: string;
  /** Whose rule it is; absent for rules that stand in the schema. */
  readonly department?: string;
  /** The access class that was decided about. */
  readonly accessClass?: string;
  /** What would have to be different. */
  readonly needs?: string;
  /** How long the records of what the rule gives are kept from those they are about. Absent: not at all. */
  readonly hides?: Hiding;
  /** For MASK: what is given in place of a value. */
  readonly mask?: (value: unknown) => unknown;
  /** The grant that it goes by, by its id. */
  readonly grant?: string;
  /** For AGGREGATE: how many members a group must have for what is said of it to be given. */
  readonly groupsOf?: number;
  /** What holds before this for some records: the first whose record fits. Absent where no rule looks at the record. */
  readonly alternatives?: readonly Alternative[];
}

/** For how long, and why, people are not shown that somebody was given something of them. */
export interface Hiding {
  readonly days: number;
  readonly reason: string;
}

/** What is decided about records that fit. */
export interface Alternative {
  readonly record: RecordConditions;
  readonly matches: MatchesRecord;
  /** Has no alternatives of its own. */
  readonly decision: Decision;
}

/** What is decided about one record. */
export function decisionFor(decision: Decision, record: Readonly<Record<string, unknown>>, caller: Caller): Decision {
  const { alternatives = [], ...otherwise } = decision;
  return alternatives.find(({ matches }) => matches(record, caller))?.decision ?? otherwise;
}

/** Whether anything may come of a decision but the value as it is. */
export function isOpen({ outcome, alternatives = [] }: Decision): boolean {
  return outcome === 'ALLOW' && alternatives.every(({ decision }) => decision.outcome === 'ALLOW');
}

/** What holds where nothing is known of the record: the narrowest of all that might. */
export function whateverRecord({ alternatives = [], ...otherwise }: Decision): Decision {
  return narrowest([otherwise, ...alternatives.map(({ decision }) => decision)])!;
}

/** The narrowest of several decisions that must all hold; the first of those that are equally narrow. */
export function narrowest(decisions: readonly Decision[]): Decision | undefined {
  return combined(decisions, (one, other) => (opennessOf(other) < opennessOf(one) ? other : one));
}

/** The most open of several decisions of which one is enough; the first of those that are equally open. */
export function mostOpen(decisions: readonly Decision[]): Decision | undefined {
  return combined(decisions, (one, other) => (opennessOf(other) > opennessOf(one) ? other : one));
}

function opennessOf({ outcome }: Decision): number {
  return -OUTCOMES.indexOf(outcome);
}

type Choose = (one: Decision, other: Decision) => Decision;

function combined(decisions: readonly Decision[], choose: Choose): Decision | undefined {
  let found: Decision | undefined;
  for (const decision of decisions) found = found ? both(found, decision, choose) : decision;
  return found;
}

/** What is decided about a record, or, without `matches`, about those for which nothing before it holds. */
type Way = Alternative | { readonly decision: Decision };

/** Pairs of what may hold of each, in such an order that the first pair that fits a record is of the first of each that fit it. */
function both(one: Decision, other: Decision, choose: Choose): Decision {
  if (!one.alternatives && !other.alternatives) return choose(one, other);
  const ways = waysOf(one).flatMap((first) => waysOf(other).map((second) => pair(first, second, choose)));
  const alternatives = ways.filter((way) => 'matches' in way);
  return { ...ways.at(-1)!.decision, alternatives };
}

function waysOf(decision: Decision): Way[] {
  const { alternatives = [], ...otherwise } = decision;
  return [...alternatives, { decision: otherwise }];
}

function pair(first: Way, second: Way, choose: Choose): Way {
  const decision = choose(first.decision, second.decision);
  if (!('matches' in first)) return { ...second, decision };
  if (!('matches' in second)) return { ...first, decision };
  return {
    record: { ...first.record, ...second.record },
    matches: (record, caller) => first.matches(record, caller) && second.matches(record, caller),
    decision,
  };
}
