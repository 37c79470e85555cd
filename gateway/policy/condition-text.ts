import type { Conditions } from '../authorise/conditions.ts';
import { GRANT_SUBJECTS, type RecordConditions } from '../authorise/record-conditions.ts';
import type { Rule } from '../authorise/rule-set.ts';

/** Conditions on the caller, each said for people: `role doctor`, `a caseNumber`. */
export function conditionTexts(conditions: Conditions): string[] {
  return Object.entries(conditions).map(([path, value]) => conditionText(callerName(path), value));
}

/** Conditions on the record, each said for people: `district is that of the caller`. */
export function recordTexts(conditions: RecordConditions): string[] {
  return Object.entries(conditions).map(([path, value]) => {
    const same = isComparison(value) ? value['same'] : undefined;
    if (typeof same !== 'string') return conditionText(path, value);
    if (same === GRANT_SUBJECTS) return `${path} is whom the grant is about`;
    const name = callerName(same);
    return path === name || path.endsWith(`.${name}`)
      ? `${path} is that of the caller`
      : `${path} is the caller's ${name}`;
  });
}

/** What a rule goes by beside its conditions, said for people; undefined where that is nothing. */
export function groundText({ grant, breakGlass }: Pick<Rule, 'grant' | 'breakGlass'>): string | undefined {
  if (grant) return 'a grant';
  return breakGlass && 'breaking the glass';
}

/** What a path of the caller leads to, in short: `roles`, `district`, `caseNumber`. */
export function callerName(path: string): string {
  return path.replace(/^(identity\.claims|identity|purpose)\./, '');
}

function conditionText(name: string, value: unknown): string {
  if (!isComparison(value)) return `${name} ${text(value)}`;
  return Object.entries(value)
    .map(([comparison, compared]) => comparisonText(name, comparison, compared))
    .join(' and ');
}

const WORDS: Readonly<Record<string, string>> = {
  $eq: '',
  $ne: 'not ',
  $lt: 'below ',
  $lte: 'at most ',
  $gt: 'above ',
  $gte: 'at least ',
  $in: 'one of ',
  $nin: 'none of ',
  $all: 'all of ',
};

function comparisonText(name: string, comparison: string, compared: unknown): string {
  if (comparison === '$exists') return `${name} ${compared ? 'given' : 'not given'}`;
  return `${name} ${WORDS[comparison] ?? `${comparison} `}${text(compared)}`;
}

function text(value: unknown): string {
  if (Array.isArray(value)) return value.map(text).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isComparison(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
