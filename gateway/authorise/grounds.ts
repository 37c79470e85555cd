import { OUTCOMES, type Decision, type Hiding } from './decision.ts';

/** What it rests on that something of a request may be seen; for its record. */
export interface Grounds {
  /** Ids of the departments' rules by which something is given, or would be where the record fits. */
  readonly rules: readonly string[];
  /** Ids of the grants that these rules go by. */
  readonly grants: readonly string[];
  /** How long the record is kept from those it is about, where one of these rules says so: the longest. */
  readonly hides: Hiding | undefined;
}

/** Decisions that give something, be it less than the value. */
const GIVING = new Set(OUTCOMES.slice(0, OUTCOMES.indexOf('NEEDS_CONSENT')));

/** What decisions rest on. */
export function groundsOf(decisions: readonly Decision[]): Grounds {
  const all = decisions.flatMap((decision) => [
    decision,
    ...(decision.alternatives ?? []).map((alternative) => alternative.decision),
  ]);
  const giving = all.filter(({ outcome, department }) => GIVING.has(outcome) && department !== undefined);
  let hides: Hiding | undefined;
  for (const decision of giving) if (decision.hides && decision.hides.days > (hides?.days ?? 0)) ({ hides } = decision);
  const grants = [...new Set(giving.flatMap(({ grant }) => grant ?? []))];
  return { rules: [...new Set(giving.map(({ rule }) => rule))].toSorted(), grants, hides };
}
