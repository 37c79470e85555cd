import { Authoriser } from '../authorise/authoriser.ts';
import type { Decision } from '../authorise/decision.ts';
import type { RuleSet } from '../authorise/rule-set.ts';
import type { AccessConditions } from '../supergraph/access-conditions.ts';
import type { NamedCaller } from './compare-rules.ts';

/** A field about which something else is decided for some callers. */
export interface FieldRuleChange {
  /** `Type.field` */
  coordinate: string;
  callers: string[];
  /** Outcome and rule: `DENY by tax-closed`. */
  before: string;
  after: string;
}

/** Finds what other rules change about fields, whatever operation asks for them. */
export function compareFieldRules(
  { before, after, callers }: { before: RuleSet; after: RuleSet; callers: readonly NamedCaller[] },
  access: AccessConditions,
): FieldRuleChange[] {
  const [old, young] = [before, after].map((rules) => new Authoriser({ access, mode: 'enforce', rules }));
  const found = new Map<string, FieldRuleChange>();
  for (const { name, caller } of callers) {
    const [was, is] = [old!.authorityOf(caller), young!.authorityOf(caller)];
    for (const coordinate of access.byField.keys()) {
      const [typeName, fieldName] = coordinate.split('.') as [string, string];
      const pair = [was, is].map((authority) => textOf(authority.decided(typeName, fieldName))) as [string, string];
      if (pair[0] === pair[1]) continue;
      const key = [coordinate, ...pair].join('\n');
      const change = found.get(key) ?? { coordinate, callers: [], before: pair[0], after: pair[1] };
      change.callers.push(name);
      found.set(key, change);
    }
  }
  return [...found.values()];
}

function textOf(decision: Decision | undefined): string {
  if (!decision) return 'ALLOW';
  const { outcome, rule, alternatives = [] } = decision;
  const forSome = alternatives.map(({ decision: each }) => `${each.outcome} by ${each.rule} for some records`);
  return [...forSome, `${outcome} by ${rule}`].join(', else ');
}
