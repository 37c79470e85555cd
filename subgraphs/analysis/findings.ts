import { randomUUID } from 'node:crypto';
import type { Examined, Term } from './examine.ts';
import type { AnalysisRule } from './rule-file.ts';
import type { Query, SqlValue } from './store.ts';

export type FindingState = 'OPEN' | 'CLOSED' | 'SUPERSEDED';

/** What a rule found of a subject. It is never deleted: it ends. */
export interface Finding {
  id: string;
  rule: string;
  version: number;
  /** Of the rule that found it. */
  hash: string;
  subjectType: string;
  subjectKey: string;
  state: FindingState;
  score: number;
  terms: Term[];
  /** ISO 8601, UTC. */
  foundAt: string;
  /** When it was closed or superseded. */
  endedAt: string | null;
  /** The finding that says the same of the subject by newer records, or by a newer version of the rule. */
  supersededBy: string | null;
}

/** What a run of a rule came to. */
export interface RuleRun {
  rule: string;
  version: number;
  /** Subjects that it holds for. */
  found: number;
  /** Findings that are new, that took the place of others, and that hold no longer. */
  opened: number;
  superseded: number;
  closed: number;
  elapsedMs: number;
}

interface OpenFinding {
  id: string;
  subject_key: string;
  digest: string;
  hash: string;
}

const ROWS_PER_STATEMENT = 200;

/** Takes what a rule said of all subjects into the findings: new ones are opened, changed ones superseded, others closed. */
export async function keepFindings(
  rule: AnalysisRule,
  examined: readonly Examined[],
  query: Query,
): Promise<Omit<RuleRun, 'elapsedMs'>> {
  const now = new Date().toISOString();
  const open = await query<OpenFinding>(
    "select id, subject_key, digest, hash from finding where rule = $1 and state = 'OPEN'",
    [rule.id],
  );
  const before = new Map(open.map((finding) => [finding.subject_key, finding]));
  const holding = examined.filter(({ holds }) => holds);
  const subjects = new Set(holding.map(({ subject }) => subject));
  const fresh = holding.filter(({ subject, digest }) => {
    const same = before.get(subject);
    return same?.digest !== digest || same.hash !== rule.hash;
  });
  const rows = fresh.map((each) => ({ ...each, id: randomUUID(), supersedes: before.get(each.subject)?.id }));
  const closed = open.filter(({ subject_key: subject }) => !subjects.has(subject));
  for (const { id } of closed) await end(query, id, 'CLOSED', [now, null]);
  for (const { id, supersedes } of rows) if (supersedes) await end(query, supersedes, 'SUPERSEDED', [now, id]);
  await insertRows(
    query,
    'finding',
    rows.map((row) => findingRow(rule, row, now)),
  );
  const superseded = rows.filter(({ supersedes }) => supersedes).length;
  return {
    rule: rule.id,
    version: rule.version,
    found: holding.length,
    opened: rows.length - superseded,
    superseded,
    closed: closed.length,
  };
}

/** Keeps what a rule said last of each subject, whether or not it is a finding. */
export async function keepChecks(rule: AnalysisRule, examined: readonly Examined[], query: Query): Promise<void> {
  const now = new Date().toISOString();
  await query('delete from last_check where rule = $1', [rule.id]);
  const rows = examined.map(({ subject, holds, terms }): SqlValue[] => [
    ...[rule.id, rule.version, rule.finds, subject],
    holds,
    JSON.stringify(terms),
    now,
  ]);
  await insertRows(query, 'last_check', rows);
}

async function end(query: Query, id: string, state: FindingState, rest: [string, string | null]): Promise<void> {
  await query('update finding set state = $1, ended_at = $2, superseded_by = $3 where id = $4', [state, ...rest, id]);
}

function findingRow(
  rule: AnalysisRule,
  { id, subject, score, terms, digest }: Examined & { id: string },
  now: string,
): SqlValue[] {
  return [
    ...[id, rule.id, rule.version, rule.hash, rule.finds, subject],
    ...['OPEN', score, JSON.stringify(terms), digest, now, null, null],
  ];
}

async function insertRows(query: Query, table: 'finding' | 'last_check', rows: readonly SqlValue[][]): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
    const some = rows.slice(at, at + ROWS_PER_STATEMENT);
    const width = some[0]!.length;
    const places = some.map((row, nth) => `(${row.map((_, place) => `$${nth * width + place + 1}`).join(', ')})`);
    await query(`insert into ${table} values ${places.join(', ')}`, some.flat());
  }
}

/** Which findings, and how many. */
export interface FindingQuestion {
  rule?: string | null;
  state?: FindingState | null;
  first: number;
  /** The id after which to go on. */
  after?: string | null;
}

/** Findings by their ids. */
export async function listFindings(query: Query, { rule, state, first, after }: FindingQuestion): Promise<Finding[]> {
  const values: SqlValue[] = [];
  const conditions = Object.entries({ 'rule =': rule, 'state =': state, 'id >': after }).flatMap(
    ([comparison, value]) => (value === null || value === undefined ? [] : [`${comparison} $${values.push(value)}`]),
  );
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  return findingsOf(await query<FindingRow>(`${SELECT} ${where} order by id limit $${values.push(first)}`, values));
}

/** The subjects that a rule holds for, by its open findings. */
export async function findOpenSubjects(query: Query, rule: string): Promise<Set<string>> {
  const rows = await query<OpenFinding>("select subject_key from finding where rule = $1 and state = 'OPEN'", [rule]);
  return new Set(rows.map(({ subject_key: subject }) => subject));
}

/** The findings with these ids, or of these subjects of a type, the newest first. */
export async function findFindings(
  query: Query,
  { ids = [], subjects = [], type = '' }: { ids?: readonly string[]; subjects?: readonly string[]; type?: string },
): Promise<Finding[]> {
  const keys = [...ids, ...subjects];
  const places = keys.map((_, at) => `$${at + 2}`).join(', ');
  const which = ids.length > 0 ? `$1 = '' and id in (${places})` : `subject_type = $1 and subject_key in (${places})`;
  return findingsOf(await query<FindingRow>(`${SELECT} where ${which} order by found_at desc, id`, [type, ...keys]));
}

/** What a rule that looks at everything said last of a subject. */
export interface LastCheck {
  rule: string;
  version: number;
  subjectKey: string;
  holds: boolean;
  terms: Term[];
  checkedAt: string;
}

/** What was said last of these subjects of a type. */
export async function findChecks(query: Query, type: string, subjects: readonly string[]): Promise<LastCheck[]> {
  const places = subjects.map((_, at) => `$${at + 2}`).join(', ');
  const rows = await query<Omit<LastCheck, 'terms'> & { terms: string }>(
    `select rule, version, subject_key as "subjectKey", holds, terms, checked_at as "checkedAt" from last_check
     where subject_type = $1 and subject_key in (${places})`,
    [type, ...subjects],
  );
  return rows.map((row) => ({ ...row, terms: JSON.parse(row.terms) as Term[] }));
}

type FindingRow = Omit<Finding, 'terms'> & { terms: string };

const SELECT = `select id, rule, version, hash, subject_type as "subjectType", subject_key as "subjectKey", state, score, terms,
  found_at as "foundAt", ended_at as "endedAt", superseded_by as "supersededBy" from finding`;

function findingsOf(rows: readonly FindingRow[]): Finding[] {
  return rows.map((row) => ({ ...row, terms: JSON.parse(row.terms) as Term[] }));
}
