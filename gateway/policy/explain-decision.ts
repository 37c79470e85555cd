import { unmetConditions, withoutAbsent } from '../authorise/conditions.ts';
import { OUTCOMES, type Alternative, type Decision } from '../authorise/decision.ts';
import type { FieldDecision } from '../authorise/restrictions.ts';
import type { Rule, RuleSet } from '../authorise/rule-set.ts';
import type { Caller } from '../caller.ts';
import { conditionTexts, groundText, recordTexts } from './condition-text.ts';
import { closedPaths, isBelow } from './decide-fields.ts';

/** What is decided about a field, and what would have to be different. */
export interface ExplainedField extends ExplainedDecision {
  /** Where it stands in the answer; `@` for every item of a list. */
  path: string;
  /** `Type.field` */
  coordinate: string;
  /** False where a field above it is refused, and it is never asked for. */
  isReached: boolean;
  /** What holds before this for some records, in this order. */
  records: (ExplainedDecision & { where: readonly string[] })[];
}

/** A decision, and what would have to be different. */
export interface ExplainedDecision {
  outcome: string;
  rule: string;
  text: string;
  /** Whose rule it is; absent for what stands in the schema. */
  department?: string;
  class?: string;
  /** What the rule says that is needed. */
  needs?: string;
  /** Rules before it that would give more. */
  instead: RuleInstead[];
}

/** A rule that would have decided, and given more. */
export interface RuleInstead {
  rule: string;
  outcome: string;
  /** What does not hold for the caller. */
  lacks: readonly string[];
  /** What must be true of the record beside. */
  where: readonly string[];
}

/** Explains what is decided about the fields of an operation for a caller. @param rules absent where departments have none */
export function explainDecisions(
  fields: readonly FieldDecision[],
  caller: Caller,
  rules: RuleSet | undefined,
): ExplainedField[] {
  const closed = closedPaths(fields);
  return fields.map((field) => ({ ...explainField(field, caller, rules), isReached: !isBelow(field.path, closed) }));
}

function explainField(
  { path, coordinate, decision }: FieldDecision,
  caller: Caller,
  rules: RuleSet | undefined,
): Omit<ExplainedField, 'isReached'> {
  const explained = (each: Decision): ExplainedDecision => explain(each, caller, rules);
  const records = decision.alternatives?.map((alternative: Alternative) => ({
    ...explained(alternative.decision),
    where: recordTexts(alternative.record),
  }));
  return { path: path.join('.'), coordinate, ...explained(decision), records: records ?? [] };
}

function explain(decision: Decision, caller: Caller, rules: RuleSet | undefined): ExplainedDecision {
  const { outcome, rule, text, department, accessClass, needs } = decision;
  return {
    outcome,
    rule,
    text,
    ...(department === undefined ? {} : { department }),
    ...(department === undefined || accessClass === undefined ? {} : { class: accessClass }),
    ...(needs === undefined ? {} : { needs }),
    instead: rules && outcome !== 'ALLOW' ? rulesInstead(decision, withoutAbsent(caller), rules) : [],
  };
}

/** Only a rule that comes before the one that decided would have decided in its place. */
function rulesInstead(
  { department, accessClass, rule, outcome }: Decision,
  caller: Caller,
  set: RuleSet,
): RuleInstead[] {
  const rules = set.files.find((file) => file.department === department)?.rules ?? [];
  const decided = rules.findIndex(({ id }) => id === rule);
  const before = decided < 0 ? rules : rules.slice(0, decided);
  return (
    before
      .filter((each) => isAbout(each, accessClass) && OUTCOMES.indexOf(each.outcome) < OUTCOMES.indexOf(outcome))
      .map((each) => ({
        rule: each.id,
        outcome: each.outcome,
        lacks: lacksOf(each, caller),
        where: recordTexts(each.record ?? {}),
      }))
      // What lacks nothing holds already, for the records that fit.
      .filter(({ lacks }) => lacks.length > 0)
  );
}

/** No grants are known here; whoever has one need not ask. */
function lacksOf(rule: Rule, caller: Caller): string[] {
  const ground = groundText(rule);
  return [...conditionTexts(unmetConditions(rule.when, caller)), ...(ground === undefined ? [] : [ground])];
}

function isAbout({ classes }: Rule, accessClass: string | undefined): boolean {
  return classes.includes('*') || (accessClass !== undefined && classes.includes(accessClass));
}
