import type { ComparedClaim } from './agreement.ts';
import type { CheckedClaim, CheckedFact, FieldPath, FoundField, TextParts } from './checked-fact.ts';

/** What stands in the place of a claim that is not there. */
export type MissingReason =
  /** The department answered, and has no value. */
  | 'NOTHING_KNOWN'
  /** What was required of the department is not there: it did not answer, or what leads to it did not. */
  | 'NOT_ANSWERED'
  /** The caller may not see it. */
  | 'WITHHELD'
  /** The department has a value that the manifest makes nothing of. */
  | 'VALUE_UNKNOWN';

export interface Provenance {
  source: string | null;
  system: string | null;
  recordId: string | null;
  asOf: string | null;
  fetchedAt: string | null;
  method: string | null;
  quality: string | null;
  synthetic: boolean | null;
  licence: string | null;
}

/** What one department says of a fact, by one record. */
export interface Claim extends ComparedClaim {
  readonly department: string;
  /** What stands in the department, before it is another unit or a state. */
  readonly stated: string;
  readonly because: string | null;
  readonly vintageBasis: 'STATED' | 'DECLARED' | 'UNKNOWN';
  readonly provenance: Provenance;
}

export interface ReadClaims {
  readonly claims: Claim[];
  readonly missing: { department: string; reason: MissingReason }[];
}

type Json = Readonly<Record<string, unknown>>;

/** Reads what departments say of a fact out of the representation of its type. */
export function readClaims(fact: CheckedFact, representation: Json): ReadClaims {
  const read: ReadClaims = { claims: [], missing: [] };
  for (const [by, claim] of fact.claims.entries()) {
    const found = claimsOf(claim, { by, key: keyText(fact, representation), representation });
    if (Array.isArray(found)) read.claims.push(...found);
    else read.missing.push({ department: claim.entry.department, reason: found });
  }
  return read;
}

interface Reading {
  by: number;
  key: string;
  representation: Json;
}

function claimsOf(claim: CheckedClaim, reading: Reading): Claim[] | MissingReason {
  const records = objectsAt(reading.representation, claim.record);
  const values = records.items.map((record) => ({ record, value: valueAt(record, claim.value) }));
  const said = values.filter(({ value }) =>
    typeof value === 'string' ? value.trim() !== '' : value !== undefined && value !== null,
  );
  const chosen = claim.entry.each ? said : said.slice(0, 1);
  if (chosen.length === 0 && isWithheld(claim, reading.representation)) return 'WITHHELD';
  if (chosen.length === 0)
    return records.isWhole && values.every(({ value }) => value !== undefined) ? 'NOTHING_KNOWN' : 'NOT_ANSWERED';
  const claims = chosen.flatMap(({ record, value }) => {
    const meant = meaningOf(claim, value);
    return meant === undefined ? [] : [toClaim(claim, { ...reading, record, value, meant })];
  });
  return claims.length > 0 ? claims : 'VALUE_UNKNOWN';
}

/** The gateway names what it does not hand in because the caller may not see it. */
function isWithheld({ record, value }: CheckedClaim, representation: Json): boolean {
  const named = representation['_withheld'];
  const path = [...record, ...value];
  return Array.isArray(named) && path.some((_, at) => named.includes(path.slice(0, at + 1).join('.')));
}

function toClaim(
  { entry, vintage, provenance }: CheckedClaim,
  read: Reading & { record: Json; value: unknown; meant: number | string },
): Claim {
  const exception = Object.hasOwn(entry.exceptions, read.key) ? entry.exceptions[read.key] : undefined;
  const stated = vintage && textAt(read, vintage);
  const declared = entry.vintage?.otherwise;
  return {
    by: read.by,
    department: entry.department,
    value: read.meant,
    stated: String(read.value),
    definition: exception?.definition ?? entry.definition,
    because: exception?.because ?? (stated ? null : (entry.vintage?.because ?? null)),
    vintage: stated ?? declared ?? null,
    vintageBasis: stated ? 'STATED' : declared === undefined ? 'UNKNOWN' : 'DECLARED',
    provenance: provenanceOf(provenance, read),
  };
}

/** A value in the fact's unit, or the state that it stands for; undefined where it stands for none. */
function meaningOf({ entry: { values, unit, factor = 1 } }: CheckedClaim, value: unknown): number | string | undefined {
  if (values) return values[Object.hasOwn(values, String(value)) ? String(value) : 'otherwise'];
  if (unit === undefined) return String(value);
  // What a factor adds behind the fifteenth digit is the machine's and not the department's.
  return typeof value === 'number' ? Number((value * factor).toPrecision(15)) : undefined;
}

function provenanceOf(provenance: CheckedClaim['provenance'], read: Reading & { record: Json }): Provenance {
  const said: Record<string, unknown> = {};
  if ('object' in provenance) {
    const object = (provenance.object.path.length === 0 ? read.record : found(read, provenance.object)) ?? {};
    for (const name of provenance.names) said[name] = (object as Json)[name];
  } else {
    for (const [name, parts] of provenance.texts) said[name] = textOf(parts, read);
    const { synthetic } = provenance;
    said['synthetic'] =
      typeof synthetic === 'object' && synthetic !== null ? textOf(synthetic, read) === 'true' : synthetic;
  }
  const text = (name: string): string | null => (typeof said[name] === 'string' ? said[name] : null);
  return {
    source: text('source'),
    system: text('system'),
    recordId: text('recordId'),
    asOf: text('asOf'),
    fetchedAt: text('fetchedAt'),
    method: text('method'),
    quality: text('quality'),
    synthetic: typeof said['synthetic'] === 'boolean' ? said['synthetic'] : null,
    licence: text('licence'),
  };
}

/** Null where a field in it is. */
function textOf(parts: TextParts, read: Reading & { record: Json }): string | null {
  const texts = parts.map((part) => (typeof part === 'string' ? part : textAt(read, part)));
  return texts.includes(undefined) ? null : texts.join('');
}

function textAt(read: Reading & { record: Json }, field: FoundField): string | undefined {
  const value = found(read, field);
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}

function found(
  { record, representation }: { record: Json; representation: Json },
  { ofRecord, path }: FoundField,
): unknown {
  return valueAt(ofRecord ? record : representation, path);
}

/** The objects that a path leads to, through lists; `isWhole` is false where something on the way was not given. */
function objectsAt(from: Json, path: FieldPath): { items: Json[]; isWhole: boolean } {
  let items: unknown[] = [from];
  let isWhole = true;
  for (const name of path) {
    const next = items.map((item) => (item as Json)[name]);
    isWhole &&= !next.includes(undefined);
    items = next.flat(Infinity).filter((item) => item !== undefined && item !== null);
  }
  return { items: items as Json[], isWhole };
}

/** Null where something on the way is; undefined where it was not given. */
function valueAt(from: unknown, path: FieldPath): unknown {
  let value = from;
  for (const name of path) {
    if (value === null || value === undefined) return value;
    value = (value as Json)[name];
  }
  return value;
}

function keyText({ key }: CheckedFact, representation: Json): string {
  return [...key.fields.keys()].map((name) => String(representation[name])).join(' ');
}
