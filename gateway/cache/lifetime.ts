import type { CacheConfig } from '../config/cache.ts';
import type { SubgraphAnswer } from '../execute/fetcher.ts';
import { readCacheControl, secondsOf, type CacheControl } from './cache-control.ts';
import type { HintedPolicy } from './hinted-policy.ts';

/** How long an answer may be given out, in milliseconds from when it was asked for. */
export interface Lifetime {
  freshMs: number;
  /** How long after that it may be given while it is fetched anew. */
  staleWhileRevalidateMs: number;
  /** How long after its freshness it may be given where the department fails. */
  staleIfErrorMs: number;
}

/** What settings say of it. */
export type LifetimeSettings = Pick<CacheConfig, 'maxNegativeAgeMs' | 'staleWhileRevalidateMs' | 'staleIfErrorMs'>;

/** By how much of its age an answer is forgotten earlier, at most: what was remembered together does not end together. */
const JITTER = 0.1;

/** What a department's header says of an answer. */
export function cacheControlOf({ cacheControl }: SubgraphAnswer): CacheControl | undefined {
  return cacheControl === undefined ? undefined : readCacheControl(cacheControl);
}

/**
 * How long an answer may be given out: as its hints and its header allow, whichever allows less. Undefined for not at all.
 *
 * @param isShared whether others than the caller may be given it
 */
export function lifetimeOf(
  { maxAgeSeconds: hinted }: HintedPolicy,
  { header, age, isShared }: { header: CacheControl | undefined; age: string | undefined; isShared: boolean },
  { staleWhileRevalidateMs, staleIfErrorMs }: LifetimeSettings,
): Lifetime | undefined {
  if (header?.isRefused) return undefined;
  const said = isShared ? (header?.sharedMaxAgeSeconds ?? header?.maxAgeSeconds) : header?.maxAgeSeconds;
  const left = said === undefined ? undefined : said - (age === undefined ? 0 : secondsOf(age));
  const seconds = Math.min(hinted ?? Number.POSITIVE_INFINITY, left ?? Number.POSITIVE_INFINITY);
  if (!(seconds > 0) || seconds === Number.POSITIVE_INFINITY) return undefined;
  return {
    freshMs: seconds * 1_000 * (1 - JITTER * Math.random()),
    staleWhileRevalidateMs: toMs(header?.staleWhileRevalidateSeconds) ?? staleWhileRevalidateMs,
    staleIfErrorMs: toMs(header?.staleIfErrorSeconds) ?? staleIfErrorMs,
  };
}

function toMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}
