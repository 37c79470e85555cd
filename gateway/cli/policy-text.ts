import type { RuleChange, Verdict } from '../policy/compare-rules.ts';
import type { Finding } from '../policy/lint-rules.ts';
import { colors } from './colors.ts';
import { table } from './table.ts';

/** What a change of rules comes to. */
export interface PolicyReport {
  rules: { folder: string; hash: string };
  /** What they were compared with; absent where there is nothing. */
  against: { folder: string; hash: string } | undefined;
  operations: { folder: string; names: readonly string[]; skipped: readonly { name: string; reason: string }[] };
  /** `file` is absent where they were made up, `leftOut` how many more could have been; `without` are rules for which none could be. */
  callers: { file: string | undefined; names: readonly string[]; without: readonly string[]; leftOut: number };
  changes: readonly RuleChange[];
  affected: { operations: readonly string[]; callers: readonly string[]; roles: readonly string[] };
  findings: readonly Finding[];
}

/** What a change of rules comes to, to be read. */
export function describePolicyCheck(report: PolicyReport): string {
  const { changes, findings } = report;
  return [
    ...describeWhat(report),
    ...[...Map.groupBy(changes, ({ operation }) => operation)].flatMap(([operation, ofOperation]) => [
      '',
      colors.bold(operation),
      ...table([COLUMNS.map((column) => colors.dim(column)), ...changeRows(ofOperation)]),
    ]),
    '',
    describeOutcome(report),
    ...(findings.length > 0 ? ['', colors.bold('Hardly meant')] : []),
    ...findings.map(({ kind, message }) => `${colors.yellow(kind)}  ${message}`),
  ].join('\n');
}

function describeWhat({ rules, against, operations, callers }: PolicyReport): string[] {
  const { file, names, without, leftOut } = callers;
  const who = file === undefined ? "made up from all that the rules' conditions name (see --identities)" : `of ${file}`;
  return [
    against
      ? `${against.folder} ${colors.dim(short(against.hash))} → ${rules.folder} ${colors.dim(short(rules.hash))}`
      : `${rules.folder} ${colors.dim(short(rules.hash))}, and nothing to compare it with (see --against)`,
    `${operations.names.length} operations of ${operations.folder}`,
    `${names.length} callers ${who}`,
    ...operations.skipped.map(({ name, reason }) => colors.yellow(`not looked at: ${name}: ${reason}`)),
    ...(leftOut > 0 ? [colors.yellow(`not looked at: ${leftOut} more that could be made up`)] : []),
    ...without.map((rule) => colors.yellow(`no caller could be made up for the rule ${rule}`)),
  ];
}

const COLUMNS = ['  field', 'of', 'before', 'after', 'for'];
const MAX_CALLERS = 3;

/** What changes alike for several callers stands once. */
function changeRows(changes: readonly RuleChange[]): string[][] {
  const alike = Map.groupBy(changes, (change) => JSON.stringify({ ...change, caller: undefined }));
  return [...alike.values()].map((same) => {
    const { path, coordinate, before, after } = same[0]!;
    const callers = same.map(({ caller }) => caller);
    const more = callers.length > MAX_CALLERS ? ` and ${callers.length - MAX_CALLERS} more` : '';
    const who = callers.slice(0, MAX_CALLERS).join('; ') + more;
    return [`  ${path}`, colors.dim(coordinate), verdictText(before), verdictText(after), who];
  });
}

function verdictText({ records, ...verdict }: Verdict): string {
  const ofRecords = records.map(({ where, ...each }) => `where ${where.join(' and ')}: ${ruleText(each)}`);
  return [...ofRecords, `${records.length > 0 ? 'else: ' : ''}${ruleText(verdict)}`].join('; ');
}

function ruleText({ outcome, rule, how }: Omit<Verdict, 'records'>): string {
  const rest = Object.keys(how).length > 0 ? ` ${JSON.stringify(how)}` : '';
  return `${colored(outcome)} by ${rule}${colors.dim(rest)}`;
}

function colored(outcome: string): string {
  if (outcome === 'ALLOW') return colors.green(outcome);
  return outcome === 'DENY' ? colors.red(outcome) : colors.yellow(outcome);
}

function describeOutcome({ operations, callers, changes, affected, against }: PolicyReport): string {
  if (!against) return 'Nothing was compared.';
  if (changes.length === 0) return colors.green('Nothing changes.');
  const roles = affected.roles.length > 0 ? `; roles: ${affected.roles.join(', ')}` : '';
  return colors.yellow(
    `${affected.operations.length} of ${operations.names.length} operations and ${affected.callers.length} of ${callers.names.length} callers are affected${roles}`,
  );
}

function short(hash: string): string {
  return hash.slice(0, 12);
}
