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
  /** For MASK: what is given in place of a value. */
  readonly mask?: (value: unknown) => unknown;
}

/** The narrowest of several decisions that must all hold; the first of those that are equally narrow. */
export function narrowest(decisions: readonly Decision[]): Decision | undefined {
  let found: Decision | undefined;
  for (const decision of decisions)
    if (!found || OUTCOMES.indexOf(decision.outcome) > OUTCOMES.indexOf(found.outcome)) found = decision;
  return found;
}

/** The most open of several decisions of which one is enough. */
export function mostOpen(decisions: readonly Decision[]): Decision | undefined {
  let found: Decision | undefined;
  for (const decision of decisions)
    if (!found || OUTCOMES.indexOf(decision.outcome) < OUTCOMES.indexOf(found.outcome)) found = decision;
  return found;
}
