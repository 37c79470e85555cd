import type { CacheConfig } from '../cache-config.ts';
import type { SubgraphAnswer, SubgraphRequest } from '../execute/fetcher.ts';
import { entityOf, type AnswerParts, type ByteText } from './answer-texts.ts';
import type { AnswerOrigin } from './invalidation-log.ts';
import type { Lifetime } from './lifetime.ts';
import type { CacheEntry, RememberedAnswer } from './store.ts';

/** What bounds entries. */
export type EntrySettings = Pick<CacheConfig, 'maxEntryBytes' | 'maxNegativeAgeMs'>;

/** Which parts of an answer may be remembered, by position: those that no error is about. */
export function goodParts({ httpStatus, body }: SubgraphAnswer, { texts, errors }: AnswerParts): number[] {
  if (httpStatus < 200 || httpStatus > 299 || body.encoding === 'unknown') return [];
  const wrong = new Set(errors.map(entityOf));
  // An error that names no entity may be about any of them.
  if (wrong.has(undefined)) return [];
  return texts.flatMap((text, index) => (text && !wrong.has(index) ? [index] : []));
}

/** An entry of the cache; undefined where it may not be remembered. */
export function entryOf(
  { key, text, askedAtMs, origin }: { key: string; text: ByteText; askedAtMs: number; origin: AnswerOrigin },
  lifetime: Lifetime,
  { maxEntryBytes, maxNegativeAgeMs }: EntrySettings,
): CacheEntry | undefined {
  if (text.bytes.length > maxEntryBytes) return undefined;
  const isThere = !isNegative(text.bytes);
  const freshUntilMs = askedAtMs + (isThere ? lifetime.freshMs : Math.min(lifetime.freshMs, maxNegativeAgeMs));
  const revalidateUntilMs = freshUntilMs + (isThere ? lifetime.staleWhileRevalidateMs : 0);
  const ifErrorUntilMs = freshUntilMs + (isThere ? lifetime.staleIfErrorMs : 0);
  const bytes = ownCopy(text.bytes);
  const answer: RememberedAnswer = {
    ...text,
    bytes,
    ...origin,
    askedAtMs,
    freshUntilMs,
    revalidateUntilMs,
    ifErrorUntilMs,
  };
  const ttlMs = Math.max(revalidateUntilMs, ifErrorUntilMs) - Date.now();
  return ttlMs > 0 ? { key, answer, ttlMs } : undefined;
}

/** A slice keeps the whole text in memory that it was cut from, however little of it is remembered. */
function ownCopy(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('latin1');
}

/** An entity that is not there, or root fields of which nothing is. */
function isNegative(bytes: string): boolean {
  return bytes === 'null' || /^\{(?:"\w+":null,?)+\}$/.test(bytes);
}

/** The part of a request that asks for some of its entities. */
export function requestFor(request: SubgraphRequest, indices: readonly number[]): SubgraphRequest {
  return { ...request, representations: indices.map((index) => request.representations[index]!) };
}

/** Puts remembered parts over those of an answer; errors about them are gone. */
export function coverWith({ texts, errors }: AnswerParts, remembered: readonly (ByteText | undefined)[]): AnswerParts {
  const isCovered = (index: number | undefined): boolean =>
    index === undefined ? remembered.every((text) => text !== undefined) : remembered[index] !== undefined;
  return {
    texts: texts.map((text, index) => remembered[index] ?? text),
    errors: errors.filter((error) => !isCovered(entityOf(error))),
  };
}

/** All parts of a request, of which some were known and some asked for; errors count their entities among all. */
export function mergeParts(
  known: readonly (ByteText | undefined)[],
  missing: readonly number[],
  { texts, errors }: AnswerParts,
): AnswerParts {
  const all = [...known];
  missing.forEach((index, position) => (all[index] = texts[position]));
  return {
    texts: all,
    errors: errors.map((error) => {
      const position = entityOf(error);
      if (position === undefined) return error;
      return { ...error, path: ['_entities', missing[position] ?? position, ...error.path!.slice(2)] };
    }),
  };
}
