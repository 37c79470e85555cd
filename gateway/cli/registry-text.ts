import type { CheckReport } from '../registry/registry.ts';
import type { SchemaChange, ToldChange } from '../registry/schema-changes.ts';
import type { VersionHead } from '../registry/version.ts';
import { colors } from './colors.ts';
import { isRefusing } from '../registry/lint/finding.ts';
import { describeLint } from './lint-text.ts';
import { describeProblem, paragraph } from './problem-text.ts';
import { table } from './table.ts';

/** Changes that are listed one by one; the safe ones beyond are counted. */
const MAX_SAFE = 10;
/** Clients that are named of each change. */
const MAX_CLIENTS = 5;

/** A report, for people. */
export function describeReport(report: CheckReport, doing: 'check' | 'publish'): string {
  return [
    ...report.problems.map(describeProblem),
    ...report.trespasses.map(({ code, message, line, advice }) =>
      paragraph(colors.red(code), message, `line ${line} of the schema`, advice),
    ),
    ...report.ruleProblems.map((problem) => `${colors.red('rules')} ${problem}`),
    ...describeChangeList(report),
    ...describeRuleChanges(report.ruleChanges),
    ...describeLint(report.lint),
    verdict(report, doing),
  ].join('\n\n');
}

/** Callers and clients that are named of each change of a rule. */
const MAX_CALLERS = 4;

function describeRuleChanges(changes: CheckReport['ruleChanges']): string[] {
  if (changes.length === 0) return [];
  const lines = changes.flatMap(({ coordinate, callers, before, after, usedBy }) => [
    `${colors.yellow('rules    ')} ${coordinate}: ${before} \u2192 ${after}`,
    `          for ${some(callers)}`,
    ...(usedBy.length > 0 ? [`          asked for by ${some(usedBy.map(({ client }) => client))}`] : []),
  ]);
  return [lines.join('\n')];
}

function some(names: readonly string[]): string {
  const more = names.length - MAX_CALLERS;
  return names.slice(0, MAX_CALLERS).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function verdict({ ok, against, version, usageSince, ...report }: CheckReport, doing: 'check' | 'publish'): string {
  const known =
    usageSince === undefined
      ? 'No gateway has reported yet who uses what.'
      : `Who uses what is known since ${usageSince.slice(0, 10)}.`;
  if (ok && doing === 'check') return `${colors.green('It can be published.')} ${known}`;
  if (ok && version === undefined) return colors.green(`Nothing is otherwise than in version ${against}.`);
  if (ok) return `${colors.green(`Published as version ${version}.`)} Gateways serve it within a second. ${known}`;
  return colors.red(`Refused: ${reasonOf(report)}. The graph is still version ${against}.`);
}

function reasonOf({
  ruleProblems,
  problems,
  changes,
  lint,
  trespasses,
}: Pick<CheckReport, 'ruleProblems' | 'problems' | 'changes' | 'lint' | 'trespasses'>): string {
  if (ruleProblems.length > 0) return 'its rules cannot be taken';
  if (problems.some(({ code }) => code === 'CONTRACT_BROKEN')) return 'a contract would leave no whole schema';
  if (problems.length > 0) return 'the subgraphs would not be one graph';
  if (changes.some((change) => isRefused(change))) return 'it breaks what is used';
  if (trespasses.length > 0) return 'it takes what is others\u2019';
  return `it goes against ${[...new Set(lint.filter(isRefusing).map(({ rule }) => rule))].join(', ')}`;
}

function isRefused({ level, usedBy }: SchemaChange): boolean {
  return level === 'breaking' && usedBy.length > 0;
}

function describeChangeList({ changes, usageSince }: CheckReport): string[] {
  const safe = changes.filter(({ level }) => level === 'safe');
  const shown = [...changes.filter(({ level }) => level !== 'safe'), ...safe.slice(0, MAX_SAFE)];
  const lines = shown.flatMap((change) => [describeChange(change), ...describeUse(change, usageSince !== undefined)]);
  if (safe.length > MAX_SAFE) lines.push(`  and ${safe.length - MAX_SAFE} more that concern nobody`);
  return lines.length > 0 ? [lines.join('\n')] : [];
}

/** What is otherwise, for people. */
export function describeChanges(changes: readonly ToldChange[]): string {
  return changes.length === 0 ? 'Nothing is otherwise for who asks the graph.' : changes.map(describeChange).join('\n');
}

function describeChange({ level, message, contract }: ToldChange): string {
  const paint = { breaking: colors.red, dangerous: colors.yellow, safe: colors.green }[level];
  return `${paint(level.padEnd(9))} ${message}${contract === undefined ? '' : ` (in contract ${contract})`}`;
}

function describeUse({ level, usedBy }: SchemaChange, isKnown: boolean): string[] {
  if (level === 'safe') return [];
  if (usedBy.length === 0)
    return [isKnown ? '          asked for by nobody' : '          nobody has said who asks for it'];
  const named = usedBy.slice(0, MAX_CLIENTS).map(({ client, version, requests }) => {
    const who = version === undefined ? client : `${client} ${version}`;
    return `          asked for by ${who}: ${requests} ${requests === 1 ? 'request' : 'requests'}`;
  });
  const more = usedBy.length - MAX_CLIENTS;
  return more > 0 ? [...named, `          and by ${more} more`] : named;
}

/** Versions, for people. */
export function describeHistory(versions: readonly VersionHead[]): string {
  if (versions.length === 0) return 'Nothing has been published.';
  const rows = versions.map(({ number, at, kind, subgraph, contract, backTo, by, department, message = '' }) => [
    String(number),
    at.replace('T', ' ').slice(0, 19),
    backTo === undefined ? kind : `back to ${backTo}`,
    subgraph ?? contract ?? 'the graph',
    department === undefined ? by : `${by} (${department})`,
    message,
  ]);
  return table([['version', 'at (UTC)', 'what', 'of', 'by', 'message'], ...rows], new Set([0])).join('\n');
}
