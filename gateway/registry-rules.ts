import { RuleError, type RuleSet } from './authorise/rule-set.ts';
import { compareFieldRules } from './policy/compare-fields.ts';
import { makeUpCallers } from './policy/made-up-callers.ts';
import type { RuleTrial, TriedRules } from './registry/rule-trial.ts';
import type { PublishedRules } from './registry/version.ts';
import { parseRules, type RuleText } from './rule-files.ts';
import { loadSupergraph } from './supergraph/load.ts';

/** What comes of departments' rules that are published with their schemas. */
export function tryRules({ before, after, supergraph }: RuleTrial): TriedRules {
  let rules: RuleSet;
  try {
    rules = parseRules(after.map(toRuleText));
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return { problems: [error.message], effects: [] };
  }
  const problems = after.flatMap(({ subgraph }, at) => {
    const { department } = rules.files[at]!;
    return department === subgraph ? [] : [`The rules of ${subgraph} are about department ${department}.`];
  });
  if (problems.length > 0) return { problems, effects: [] };
  const was = parseRules(before.map(toRuleText));
  const { callers } = makeUpCallers([was, rules]);
  const served = loadSupergraph(supergraph);
  return { problems: [], effects: compareFieldRules({ before: was, after: rules, callers }, served.access) };
}

/** How messages name the rules that were published with a subgraph. */
export function toRuleText({ subgraph, text }: PublishedRules): RuleText {
  return { file: `the rules of ${subgraph}`, text };
}
