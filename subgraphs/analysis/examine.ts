import { createHash } from 'node:crypto';
import { boundStatement, type AnalysisRule } from './rule-file.ts';
import type { Query } from './store.ts';

/** A row of a department that a term comes from. */
export interface TermSource {
  /** The department. */
  system: string;
  /** The graph's type of the record. */
  recordType: string;
  /** The department's own key of it. */
  recordId: string;
  /** The month or period that the row is about; null where the record says no time. */
  asOf: string | null;
  /** How the identity office knows whose the record is, and how surely; null where the record says so itself. */
  method: string | null;
  confidence: number | null;
}

/** A number, or a word, that a finding rests on. */
export interface Term {
  name: string;
  value: number | null;
  text: string | null;
  threshold: number | null;
  comparison: string | null;
  unit: string | null;
  /** How many rows it was worked out from; `sources` may name fewer. */
  rows: number;
  sources: TermSource[];
}

/** What a rule says of one subject. */
export interface Examined {
  subject: string;
  /** Whether it is a finding. */
  holds: boolean;
  /** From 0 to 1. */
  score: number;
  terms: Term[];
  /** SHA-256 of what the terms say of the subject itself: the same again is the same finding. */
  digest: string;
}

/** A row that a rule's statement gives: a source of a term of a subject. */
interface RuleRow {
  subject: string;
  holds: boolean;
  score: number;
  /** The order of the terms. */
  place: number;
  term: string;
  value: number | null;
  text: string | null;
  threshold: number | null;
  comparison: string | null;
  unit: string | null;
  row_count: number | null;
  system: string | null;
  record_type: string | null;
  record_id: string | null;
  as_of: string | null;
  method: string | null;
  confidence: number | null;
}

/** Runs a rule over what there is. */
export async function examine(rule: AnalysisRule, query: Query): Promise<Examined[]> {
  const { text, values } = boundStatement(rule);
  return examinedOf(await query<RuleRow>(text, values), rule.context);
}

/** Puts a statement's rows together, subject by subject; in whatever order they come the result is the same. */
function examinedOf(rows: readonly RuleRow[], context: readonly string[]): Examined[] {
  const subjects = [...Map.groupBy(rows, ({ subject }) => subject)].toSorted(byFirst);
  return subjects.map(([subject, ofSubject]) => {
    const places = [...Map.groupBy(ofSubject, ({ place }) => place)].toSorted(([one], [other]) => one - other);
    const terms = places.map(([, ofTerm]) => termOf(ofTerm));
    const { holds, score } = ofSubject[0]!;
    return { subject, holds, score: Math.round(score * 100) / 100, terms, digest: digestOf(terms, context) };
  });
}

/** Thresholds may follow from others, and follow from the rule's version otherwise. */
function digestOf(terms: readonly Term[], context: readonly string[]): string {
  const own = terms.filter(({ name }) => !context.includes(name)).map((term) => ({ ...term, threshold: null }));
  return createHash('sha256').update(JSON.stringify(own)).digest('hex');
}

function termOf(rows: readonly RuleRow[]): Term {
  const { term, value, text, threshold, comparison, unit, row_count: count } = rows[0]!;
  const sources = rows.filter(({ record_id: id }) => id !== null).map(sourceOf);
  return {
    name: term,
    value,
    text,
    threshold,
    comparison,
    unit,
    rows: count ?? sources.length,
    sources: inOrder(sources),
  };
}

function sourceOf(row: RuleRow): TermSource {
  const { system, record_type: recordType, record_id: recordId, as_of: asOf, method, confidence } = row;
  return { system: system!, recordType: recordType!, recordId: recordId!, asOf, method, confidence };
}

function inOrder(sources: readonly TermSource[]): TermSource[] {
  const nameOf = ({ system, recordId, asOf }: TermSource): string => `${system} ${recordId} ${asOf}`;
  return sources
    .map((source) => [nameOf(source), source] as const)
    .toSorted(byFirst)
    .map(([, source]) => source);
}

function byFirst([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
