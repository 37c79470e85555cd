import { isDeepStrictEqual } from 'node:util';
import { Authoriser, type Authority } from '../authorise/authoriser.ts';
import type { Decision } from '../authorise/decision.ts';
import type { FieldDecision } from '../authorise/restrictions.ts';
import type { Rule, RuleSet } from '../authorise/rule-set.ts';
import type { Caller } from '../caller.ts';
import type { PreparedOperation } from '../operation/prepare.ts';
import type { ServedSupergraph } from '../supergraph/load.ts';
import { recordTexts } from './condition-text.ts';
import { closedPaths, decideFields, isBelow } from './decide-fields.ts';

/** An operation that rules are compared for. */
export interface NamedOperation {
  name: string;
  prepared: PreparedOperation;
}

/** Somebody whom rules are compared for. */
export interface NamedCaller {
  name: string;
  caller: Caller;
}

/** A field of an operation about which something else is decided for a caller. */
export interface RuleChange {
  operation: string;
  caller: string;
  /** Where it stands in the answer; `@` for every item of a list. */
  path: string;
  /** `Type.field` */
  coordinate: string;
  before: Verdict;
  after: Verdict;
}

/** What is decided about a field, but for its words. */
export interface Verdict extends RuleVerdict {
  /** What holds before this for some records, in this order. */
  records: (RuleVerdict & { where: readonly string[] })[];
}

interface RuleVerdict {
  outcome: string;
  rule: string;
  /** The rest of what the rule says: its mask, the size of groups, the grant that it takes, whether it hides. */
  how: object;
}

/** What is compared. */
export interface Comparison {
  before: RuleSet;
  after: RuleSet;
  operations: readonly NamedOperation[];
  callers: readonly NamedCaller[];
}

/** Finds what other rules change for operations and callers, among the fields that are asked for before or after. */
export function compareRules(
  { before, after, operations, callers }: Comparison,
  supergraph: ServedSupergraph,
): RuleChange[] {
  const { access, apiSchema: schema } = supergraph;
  const authorisers = [before, after].map((rules) => new Authoriser({ access, mode: 'enforce', rules }));
  const [readBefore, readAfter] = [verdicts(before), verdicts(after)];
  return callers.flatMap(({ name, caller }) => {
    const [old, young] = authorisers.map((authoriser) => authoriser.authorityOf(caller)) as [Authority, Authority];
    return operations.flatMap(({ name: operation, prepared }) => {
      const was = decideFields(prepared, { schema, authority: old });
      const is = decideFields(prepared, { schema, authority: young });
      const neverAsked = isNeverAsked(was, is);
      return was.flatMap(({ path, coordinate, decision }, index): RuleChange[] => {
        const pair = { before: readBefore(decision), after: readAfter(is[index]!.decision) };
        if (neverAsked(path) || isDeepStrictEqual(pair.before, pair.after)) return [];
        return [{ operation, caller: name, path: path.join('.'), coordinate, ...pair }];
      });
    });
  });
}

function isNeverAsked(
  before: readonly FieldDecision[],
  after: readonly FieldDecision[],
): (path: readonly string[]) => boolean {
  const [closedBefore, closedAfter] = [closedPaths(before), closedPaths(after)];
  return (path) => isBelow(path, closedBefore) && isBelow(path, closedAfter);
}

function verdicts(rules: RuleSet): (decision: Decision) => Verdict {
  const byId = new Map(rules.files.flatMap((file) => file.rules.map((rule) => [rule.id, howOf(rule)])));
  const ofRule = ({ outcome, rule }: Decision): RuleVerdict => ({ outcome, rule, how: byId.get(rule) ?? {} });
  return (decision) => ({
    ...ofRule(decision),
    records: (decision.alternatives ?? []).map(({ record, decision: each }) => {
      return { ...ofRule(each), where: recordTexts(record) };
    }),
  });
}

function howOf({ mask, groupsOf, hides, grant, breakGlass }: Rule): object {
  const how = { mask, groupsOf, hides, grant, breakGlass };
  return Object.fromEntries(Object.entries(how).filter(([, value]) => value !== undefined));
}
