import type { Identity } from '../caller.ts';
import type { Config } from '../config/config.ts';
import { refuse, type Refusal } from '../errors.ts';

/** Settings of one issuer. */
export type IssuerSettings = Config['identity']['issuers'][number];

type ClaimPath = IssuerSettings['claims']['subject'];

/** A claim that is missing or of the wrong form; the message says which one, and not what it holds. */
class ClaimFault extends Error {}

/** What the claims of a verified token say about who asks. */
export function toIdentity(claims: object, { issuer, kind, claims: paths }: IssuerSettings): Identity | Refusal {
  try {
    const subject = readText(claims, paths.subject);
    if (subject === undefined) throw new ClaimFault(`${nameOf(paths.subject)} is missing.`);
    const others = Object.entries(paths.others).map(([name, path]) => [name, readValue(claims, path)] as const);
    return {
      kind,
      proof: `jwt:${issuer}`,
      subject,
      organisation: readText(claims, paths.organisation),
      department: readText(claims, paths.department),
      roles: readList(claims, paths.roles, (text) => [text]),
      scopes: readList(claims, paths.scopes, (text) => text.split(' ').filter((scope) => scope !== '')),
      claims: Object.fromEntries(others.filter(([, value]) => value !== undefined)),
    };
  } catch (error) {
    if (error instanceof ClaimFault) return refuse('TOKEN_CLAIMS_INVALID', error.message);
    throw error;
  }
}

/** @throws ClaimFault */
function readText(claims: object, path: ClaimPath): string | undefined {
  const value = find(claims, path);
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw new ClaimFault(`${nameOf(path)} must be a text.`);
  return value;
}

/** @throws ClaimFault */
function readList(claims: object, path: ClaimPath, split: (text: string) => string[]): readonly string[] {
  const value = find(claims, path);
  if (value === undefined) return [];
  if (typeof value === 'string') return split(value);
  if (!Array.isArray(value) || !value.every((item): item is string => typeof item === 'string'))
    throw new ClaimFault(`${nameOf(path)} must be a text or a list of texts.`);
  return value;
}

/** @throws ClaimFault */
function readValue(claims: object, path: ClaimPath): unknown {
  const value = find(claims, path);
  if (value === undefined || isPlain(value) || (Array.isArray(value) && value.every(isPlain))) return value;
  throw new ClaimFault(`${nameOf(path)} must be a text, a number, true or false, or a list of these.`);
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** What stands at the path; undefined where nothing does, or null. */
function find(claims: object, path: ClaimPath): unknown {
  let value: unknown = claims;
  for (const name of typeof path === 'string' ? path.split('.') : path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value ?? undefined;
}

function nameOf(path: ClaimPath): string {
  return typeof path === 'string' ? path : path.join('.');
}
