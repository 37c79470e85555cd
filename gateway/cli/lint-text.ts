import type { LintFinding } from '../registry/lint/finding.ts';
import { colors } from './colors.ts';

/** Findings that are listed of each rule. */
const MAX_OF_RULE = 5;

/** What of a schema is not as it should be, by rule, for people; what stood there before is counted. */
export function describeLint(findings: readonly LintFinding[]): string[] {
  const young = Map.groupBy(
    findings.filter(({ isNew }) => isNew),
    ({ rule }) => rule,
  );
  const old = findings.filter(({ isNew }) => !isNew).length;
  const before = `lint: ${old} ${old === 1 ? 'finding' : 'findings'} of before, in what was not touched (--json lists them)`;
  return [...[...young.values()].map(describeRule), ...(old > 0 ? [before] : [])];
}

function describeRule(findings: readonly LintFinding[]): string {
  const { rule, level, advice } = findings[0]!;
  const paint = level === 'error' ? colors.red : colors.yellow;
  const more = findings.length - MAX_OF_RULE;
  return [
    `${paint(level)} ${rule}`,
    ...findings.slice(0, MAX_OF_RULE).map(({ message, place: { department, origin, line, column } }) => {
      return `  ${colors.cyan(`${origin}:${line}:${column}`)} (${department}) ${message}`;
    }),
    ...(more > 0 ? [`  and ${more} more (--json lists them)`] : []),
    `  ${colors.bold('To do:')} ${advice}`,
  ].join('\n');
}
