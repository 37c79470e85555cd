import type { CacheConfig } from '../config/cache.ts';
import type { SubgraphAnswer, SubgraphRequest } from '../execute/fetcher.ts';
import { entityOf, type AnswerParts, type ByteText } from './answer-texts.ts';
import type { Lifetime } from './lifetime.ts';
import type { AnswerTimes, CacheEntry } from './store.ts';

/** When an answer was asked for, by both clocks, and where the log stood. */
export type AskedAt = Pick<AnswerTimes, 'log' | 'at' | 'askedHereAtMs' | 'askedAtMs'>;

/** What bounds entries. */
export type EntrySettings = Pick<CacheConfig, 'maxEntryBytes' | 'maxNegativeAgeMs'>;

/** Which parts of an answer may be remembered, by position: those that no error is about. */
export function goodParts({ httpStatus, body }: SubgraphAnswer, { texts, errors }: AnswerParts): ReadonlySet<number> {
  if (httpStatus < 200 || httpStatus > 299 || body.encoding === 'unknown') return new Set();
  const wrong = new Set(errors.map(entityOf));
  // An error that names no entity may be about any of them.
  if (wrong.has(undefined)) return new Set();
  return new Set(texts.flatMap((text, index) => (text && !wrong.has(index) ? [index] : [])));
}

/** Makes entries of the parts of one answer. */
export class EntryMaker {
  readonly #asked: AskedAt;
  readonly #lifetime: Lifetime;
  readonly #settings: EntrySettings;
  /** Of what is there, and of what is not. One object for all: it costs more than most entities' texts. */
  #times: AnswerTimes | undefined;
  #negativeTimes: AnswerTimes | undefined;

  constructor(asked: AskedAt, lifetime: Lifetime, settings: EntrySettings) {
    this.#asked = asked;
    this.#lifetime = lifetime;
    this.#settings = settings;
  }

  /** An entry; undefined where it may not be remembered. */
  entryOf(name: string, { bytes, isAscii }: ByteText): CacheEntry | undefined {
    if (bytes.length > this.#settings.maxEntryBytes) return undefined;
    const times = isNegative(bytes) ? this.#timesOfNothing() : this.#timesOfSomething();
    return { name, answer: { bytes: ownCopy(bytes), isAscii, times } };
  }

  #timesOfSomething(): AnswerTimes {
    const { freshMs, staleWhileRevalidateMs, staleIfErrorMs } = this.#lifetime;
    const freshUntilMs = this.#asked.askedAtMs + freshMs;
    return (this.#times ??= {
      ...this.#asked,
      freshUntilMs,
      revalidateUntilMs: freshUntilMs + staleWhileRevalidateMs,
      ifErrorUntilMs: freshUntilMs + staleIfErrorMs,
    });
  }

  #timesOfNothing(): AnswerTimes {
    const untilMs = this.#asked.askedAtMs + Math.min(this.#lifetime.freshMs, this.#settings.maxNegativeAgeMs);
    return (this.#negativeTimes ??= {
      ...this.#asked,
      freshUntilMs: untilMs,
      revalidateUntilMs: untilMs,
      ifErrorUntilMs: untilMs,
    });
  }
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
