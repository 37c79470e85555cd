import { hash } from 'node:crypto';
import { NOBODY, type Caller } from '../caller.ts';
import type { SubgraphRequest } from '../execute/fetcher.ts';

/** Whose an answer is in the cache: everybody's, or that of callers of one digest. */
export type Owner = string;

/** Everybody's. */
export const EVERYBODY: Owner = '';

/** What decides whose an answer is. */
export interface Ownership {
  /** What was said of the fetch, narrowed by the header of earlier answers. */
  scope: 'PUBLIC' | 'PRIVATE' | undefined;
  /** Whether the department is told who asks, so that it may answer one caller otherwise than another. */
  isTold: boolean;
}

/**
 * Whose the answer of a request is. Undefined where it must not be remembered at all: what is private to somebody cannot be kept
 * for those of whom nothing is known.
 */
export function ownerOf({ scope, isTold }: Ownership, { onBehalf }: SubgraphRequest): Owner | undefined {
  if (scope === 'PRIVATE') {
    const caller = onBehalf?.caller;
    return caller && caller.identity.kind !== 'anonymous' ? digestOf(caller) : undefined;
  }
  return isTold && scope !== 'PUBLIC' ? digestOf(onBehalf?.caller ?? NOBODY) : EVERYBODY;
}

const digests = new WeakMap<Caller, string>();

/**
 * All that a department is told of who asks and what for, and all that decides what the caller may see. Of the request's own names
 * (`queryGroupId`) it is independent: they are for telling requests apart, and would let nothing be found again.
 */
function digestOf(caller: Caller): string {
  let digest = digests.get(caller);
  if (digest === undefined) {
    const { queryGroupId: _, ...purpose } = caller.purpose;
    digest = hash('sha256', JSON.stringify([caller.identity, purpose, caller.grants ?? []]), 'base64url');
    digests.set(caller, digest);
  }
  return digest;
}
