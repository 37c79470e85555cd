import type { AuthorisationMode } from '../authorise/authoriser.ts';
import type { Caller } from '../caller.ts';
import type { ExplainedDecision, ExplainedField, RuleInstead } from '../policy/explain-decision.ts';
import { colors } from './colors.ts';
import { table } from './table.ts';

/** What is decided about an operation for a caller. */
export interface WhyReport {
  operation: string | undefined;
  caller: Caller;
  /** Hash of the rules that decided; absent where departments have none. */
  rules: string | undefined;
  /** How a gateway of these settings goes by them. */
  mode: AuthorisationMode;
  fields: ExplainedField[];
}

/** What is decided about each field, and by what, to be read. */
export function describeWhy({ operation, caller, rules, mode, fields }: WhyReport): string {
  return [
    `${colors.bold(operation ?? '(unnamed)')}  ${describeCaller(caller)}`,
    ...(rules === undefined
      ? [colors.yellow('There are no rules of departments: only what stands in the schema decides (see --rules).')]
      : [colors.dim(`rules ${rules}`)]),
    ...(mode === 'report'
      ? [colors.yellow('These rules are only reported: the gateway withholds nothing for them.')]
      : []),
    '',
    ...table([FIELD_COLUMNS.map((column) => colors.dim(column)), ...fields.flatMap(fieldRows)]),
    '',
    ...describeRules(fields),
    '',
    summary(fields),
  ].join('\n');
}

const FIELD_COLUMNS = ['field', 'of', 'class', 'outcome', 'department', 'rule'];

function fieldRows({ path, coordinate, isReached, records, ...decision }: ExplainedField): string[][] {
  const names = [path, colors.dim(coordinate)];
  if (!isReached) return [[...names, ...decisionCells(decision, 'not reached: ')]];
  if (records.length === 0) return [[...names, ...decisionCells(decision, '')]];
  const ofRecords = records.map((record) => decisionCells(record, `for records where ${record.where.join(' and ')}: `));
  const [first, ...others] = [...ofRecords, decisionCells(decision, 'else: ')];
  return [[...names, ...first], ...others.map((cells) => ['', '', ...cells])];
}

function decisionCells({ class: accessClass, outcome, department, rule }: ExplainedDecision, when: string): string[] {
  return [accessClass ?? '', colors.dim(when) + colored(outcome), colors.cyan(department ?? ''), rule];
}

function colored(outcome: string): string {
  if (outcome === 'ALLOW') return colors.green(outcome);
  return outcome === 'DENY' ? colors.red(outcome) : colors.yellow(outcome);
}

/** Each rule once, with what is to be asked of whom. */
function describeRules(fields: readonly ExplainedField[]): string[] {
  const byRule = new Map<string, ExplainedDecision>();
  for (const field of fields)
    for (const decision of [...field.records, field])
      byRule.set(
        `${decision.department} ${decision.rule} ${decision.rule === 'no-rule' ? decision.class : ''}`,
        decision,
      );
  return [...byRule.values()].flatMap((decision) => {
    const { rule, text, outcome, department } = decision;
    const about = rule === 'no-rule' ? ` (${decision.class} of ${department})` : '';
    return [
      `${colored(outcome)}  ${colors.bold(rule)}${about}  ${text}`,
      ...(outcome === 'ALLOW' ? [] : whatToAsk(decision).map((line) => `    ${line}`)),
    ];
  });
}

/** Whom to ask, and for what. */
function whatToAsk({ department, needs, instead }: ExplainedDecision): string[] {
  const whom = department === undefined ? 'who gives out identities' : `the department ${department}`;
  const ask = needs === undefined ? [] : [`needed: ${needs}; ask ${whom}`];
  const others = instead.map((each) => describeInstead(each));
  if (ask.length + others.length > 0) return [...ask, ...others];
  return [`ask ${whom} for a rule; none would give more`];
}

function describeInstead({ rule, outcome, lacks, where }: RuleInstead): string {
  const records = where.length > 0 ? ` where ${where.join(' and ')}` : '';
  return colors.dim(`${outcome} by ${rule}${records}, with: ${lacks.join(', ')}`);
}

function describeCaller({ identity, purpose }: Caller): string {
  const { kind, subject, organisation, department, roles, scopes, claims } = identity;
  const said = { subject, organisation, department, roles, scopes, ...claims, ...purpose };
  const parts = Object.entries(said).flatMap(([name, value]) => {
    const text = Array.isArray(value) ? value.join(' ') : value;
    return text === undefined || text === '' ? [] : `${name} ${typeof text === 'string' ? text : JSON.stringify(text)}`;
  });
  return [kind, ...parts].join(', ');
}

function summary(fields: readonly ExplainedField[]): string {
  const counts = Map.groupBy(fields, ({ outcome, records, isReached }) => {
    if (!isReached) return 'not reached';
    return records.length > 0 ? 'as the record decides' : outcome;
  });
  return [...counts].map(([outcome, { length }]) => `${length} ${outcome}`).join(', ');
}
