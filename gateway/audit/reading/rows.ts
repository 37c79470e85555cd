import type { Caller, Identity } from '../../caller.ts';
import { indexName, namesOf, subjectName, type TrailRecord } from '../entry.ts';
import type { Sought } from './newest.ts';

/** The records that a caller is given by one way of reading the trail; who asks decides which they are, and no argument widens it. */
export interface Rows {
  readonly sought: readonly Sought[];
  /** Names of those that the reading is about, as far as they are known. */
  readonly subjects: readonly string[];
  /** Whether a record is given at all. */
  shows(record: TrailRecord): boolean;
  /** A record as it is given. */
  view(record: TrailRecord): TrailRecord;
}

const ALL: Pick<Rows, 'shows' | 'view'> = { shows: () => true, view: (record) => record };

/** Which type of entity a claim holds the key of, by the claim's name. */
export type SubjectClaims = Readonly<Record<string, string>>;

/** The names of those whom an identity is or acts for, by its claims. */
export function subjectsOf({ claims }: Identity, subjectClaims: SubjectClaims): string[] {
  return Object.entries(subjectClaims).flatMap(([claim, typeName]) =>
    [claims[claim]].flat().flatMap((key) => (isKey(key) ? subjectName(typeName, String(key)) : [])),
  );
}

function isKey(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** Records about these, but for what is hidden from them until later. */
export function aboutSubjects(subjects: readonly string[], nowMs: () => number): Rows {
  const sought = subjects.map((of) => ({ by: 'subject', of }) as const);
  return { ...ALL, sought, subjects, shows: (record) => !isHidden(record, nowMs()) };
}

/** What a caller did. */
export function actsOf({ identity: { subject, proof } }: Caller): Rows {
  const sought = subject === undefined ? [] : [{ by: 'person', of: subject } as const];
  return { ...ALL, sought, subjects: [], shows: (record) => issuerOf(record.proof) === issuerOf(proof) };
}

/** Whether a department gives a field, or something that it is computed of; by `Type.field`. */
export type IsOf = (department: string, coordinate: string) => boolean;

/** What the department that a caller acts for was asked, and given; of what others were asked for the same request it is not told. */
export function askedOf({ identity: { department } }: Caller, isOf: IsOf): Rows {
  if (department === undefined) return { ...ALL, sought: [], subjects: [] };
  const view = (record: TrailRecord): TrailRecord => ({
    ...record,
    fetches: record.fetches.filter((fetch) => fetch.department === department),
    fields: record.fields.filter((coordinate) => isOf(department, coordinate)),
    refused: record.refused.filter(({ coordinate }) => isOf(department, coordinate)),
  });
  return { ...ALL, sought: [{ by: 'department', of: department }], subjects: [], view };
}

/** Of what a caller is given, the parts of one whole. */
export function ofGroup(rows: Rows, queryGroupId: string): Rows {
  const given = rows.sought.map(({ by, of }) => indexName(by, of));
  const isGiven = (record: TrailRecord): boolean => namesOf(record).some((name) => given.includes(name));
  return {
    ...rows,
    sought: given.length === 0 ? [] : [{ by: 'group', of: queryGroupId }],
    shows: (record) => isGiven(record) && rows.shows(record),
  };
}

/** Every record, or those that one thing is sought by. */
export function everythingBy(sought: Sought = { by: 'everything', of: '' }): Rows {
  return { ...ALL, sought: [sought], subjects: sought.by === 'subject' ? [sought.of] : [] };
}

/** A time that cannot be read never passes. */
function isHidden({ hiddenUntil }: TrailRecord, nowMs: number): boolean {
  return hiddenUntil !== undefined && !(Date.parse(hiddenUntil) <= nowMs);
}

/**
 * Who vouches for a subject's name: two issuers of tokens may use one name for two people. Keys and certificates are of systems that the
 * settings name, and change while the system stays the same.
 */
function issuerOf(proof: string): string {
  return /^(api-key|mtls):/.test(proof) ? 'settings' : proof;
}
