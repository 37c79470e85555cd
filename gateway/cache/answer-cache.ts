import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { CacheConfig } from '../cache-config.ts';
import { Deadline } from '../deadline.ts';
import { GatewayFault } from '../errors.ts';
import type { Fetcher, FetchTemplate, SubgraphAnswer, SubgraphRequest } from '../execute/fetcher.ts';
import { answerOf, lostParts, takeApart, type AnswerParts } from './answer-texts.ts';
import { readInvalidations } from './invalidation-requests.ts';
import type { InvalidationLog, LogPosition } from './invalidation-log.ts';
import type { Claims } from './claims.ts';
import { changesOf } from './mutation-changes.ts';
import type { Owner } from './owner.ts';
import { coverWith, entryOf, goodParts, mergeParts, requestFor } from './answer-parts.ts';
import { SharedFetches, type SharableFetch } from './shared-fetches.ts';
import type { CacheStore, RememberedAnswer } from './store.ts';
import { TemplateRules, type RuleSource } from './template-rules.ts';

export interface AnswerCacheOptions extends RuleSource {
  store: CacheStore;
  log: InvalidationLog;
  settings: Pick<CacheConfig, 'maxEntryBytes' | 'maxNegativeAgeMs' | 'staleWhileRevalidateMs' | 'staleIfErrorMs'>;
  /** Shares what is expensive among gateways. Absent: each fetches for itself. */
  claims?: Claims | undefined;
  /** What a fetch may take that several requests wait for, or none. */
  sharedTimeoutMs: number;
  /** Told of what went wrong where no request waits for it, but for departments that fail. */
  onFault(error: unknown): void;
}

/**
 * Puts a cache in front of a fetcher: of entities, and of root fields of queries. What is known is not asked for again; entities that
 * are not known are asked for in one request. What came with an error is not remembered.
 */
export function cacheAnswers(fetcher: Fetcher, options: AnswerCacheOptions): Fetcher {
  const cache = new AnswerCache(fetcher, options);
  return (request, deadline) => cache.fetch(request, deadline);
}

/** How often it is looked whether another gateway has fetched what it said it would. */
const LOOK_EVERY_MS = 20;

/** One request, and what is known of its answer. */
interface Lookup {
  readonly request: SubgraphRequest;
  readonly rules: TemplateRules;
  readonly owner: Owner;
  readonly keys: readonly string[];
  /** By key; of any age. */
  readonly found: readonly (RememberedAnswer | undefined)[];
}

/** When an answer was asked for, by both clocks, and where the log stood. */
interface AskedAt extends LogPosition {
  askedHereAtMs: number;
  /** Milliseconds of `Date.now()`. */
  askedAtMs: number;
}

/** What became of asking a department. */
interface Outcome {
  answer: SubgraphAnswer | undefined;
  parts: AnswerParts;
  /** Why there are no parts; undefined where there are. */
  fault: GatewayFault | undefined;
}

class AnswerCache {
  readonly #fetcher: Fetcher;
  readonly #options: AnswerCacheOptions;
  readonly #rules = new WeakMap<FetchTemplate, TemplateRules>();
  /** Keys that are being fetched anew beside the requests. */
  readonly #revalidated = new Set<string>();
  readonly #shared: SharedFetches<Outcome>;

  constructor(fetcher: Fetcher, options: AnswerCacheOptions) {
    this.#fetcher = fetcher;
    this.#options = options;
    this.#shared = new SharedFetches(options.sharedTimeoutMs);
  }

  fetch(request: SubgraphRequest, deadline: Deadline): Promise<SubgraphAnswer> {
    if (request.template.operationKind === 'mutation') return this.#mutate(request, deadline);
    const rules = this.#rulesOf(request.template);
    const owner = rules.mayRemember ? rules.ownerOf(request) : undefined;
    if (owner === undefined) return this.#fetcher(request, deadline);
    return rules.isLookedUp
      ? this.#lookUp(request, deadline, rules, owner)
      : this.#watch(request, deadline, rules, owner);
  }

  #rulesOf(template: FetchTemplate): TemplateRules {
    let rules = this.#rules.get(template);
    if (!rules) this.#rules.set(template, (rules = new TemplateRules(template, this.#options)));
    return rules;
  }

  /** Has the department's answer wait until what it says has changed is invalidated: who changes something may read it next. */
  async #mutate(request: SubgraphRequest, deadline: Deadline): Promise<SubgraphAnswer> {
    const answer = await this.#fetcher(request, deadline);
    const changes = changesOf(answer);
    if (changes === undefined) return answer;
    const { service } = request.template;
    const { log, onFault } = this.#options;
    const read = readInvalidations(changes, this.#options, service);
    if (read.ok) await log.invalidateEventually(read.marks);
    else onFault(new GatewayFault('INVALIDATION_INVALID', `Subgraph ${service}: ${read.problem}`));
    return answer;
  }

  /** Asks where no hint allows to remember anything; the answer's header may. */
  async #watch(request: SubgraphRequest, deadline: Deadline, rules: TemplateRules, owner: Owner) {
    const asked = this.#now();
    const answer = await this.#fetcher(request, deadline);
    if (answer.cacheControl === undefined) return answer;
    const keys = rules.keysOf(request, owner);
    this.#take({ request, rules, owner, keys, found: [] }, answer, asked);
    return answer;
  }

  async #lookUp(request: SubgraphRequest, deadline: Deadline, rules: TemplateRules, owner: Owner) {
    const keys = rules.keysOf(request, owner);
    const { store, log } = this.#options;
    const isFresh = (answer: RememberedAnswer): boolean =>
      Date.now() < answer.freshUntilMs && log.allows(answer, rules.marks);
    const remembered = await store.getMany(keys, isFresh);
    const found = remembered.map((answer) => (answer && log.allows(answer, rules.marks) ? answer : undefined));
    const lookup = { request, rules, owner, keys, found };
    const nowMs = Date.now();
    const fresh = found.map((answer) => (answer && nowMs < answer.freshUntilMs ? answer : undefined));
    if (isComplete(fresh)) return { ...answerOf(request, { texts: fresh, errors: [] }), ...rememberedOf(fresh) };
    const usable = found.map((answer) => (answer && nowMs < answer.revalidateUntilMs ? answer : undefined));
    if (isComplete(usable)) {
      this.#revalidate(lookup, missingOf(fresh));
      return { ...answerOf(request, { texts: usable, errors: [] }), ...rememberedOf(usable) };
    }
    return this.#fetchMissing(lookup, fresh, deadline);
  }

  /** Fetches anew, beside the requests, what is no longer fresh: once, however many are given it in the meantime. */
  #revalidate(lookup: Lookup, stale: readonly number[]): void {
    const indices = stale.filter((index) => !this.#revalidated.has(lookup.keys[index]!));
    if (indices.length === 0) return;
    const rest = partOf(lookup, indices);
    for (const key of rest.keys) this.#revalidated.add(key);
    const deadline = new Deadline(this.#options.sharedTimeoutMs);
    void this.#askOnce(rest, deadline)
      .catch((error: unknown) => this.#options.onFault(error))
      .finally(() => {
        deadline.clear();
        for (const key of rest.keys) this.#revalidated.delete(key);
      });
  }

  async #fetchMissing(lookup: Lookup, fresh: readonly (RememberedAnswer | undefined)[], deadline: Deadline) {
    const missing = missingOf(fresh);
    const isPartial = missing.length < lookup.keys.length;
    const rest = isPartial ? partOf(lookup, missing) : lookup;
    const { result, isJoined } = this.#shared.fetch(this.#sharable(rest), deadline);
    const { answer, parts, fault } = await result;
    const hasFailed = fault !== undefined || answer!.httpStatus >= 500;
    const nowMs = Date.now();
    const stale = rest.found.map((known) => (hasFailed && known && nowMs < known.ifErrorUntilMs ? known : undefined));
    const stillMissing = missingOf(stale).length;
    if (!isPartial && stillMissing === missing.length) {
      if (!answer) throw fault!;
      return isJoined ? { ...answer, remembered: lookup.keys.length } : answer;
    }
    const all = mergeParts(fresh, missing, coverWith(parts, stale));
    const known = rememberedOf([...fresh, ...stale]);
    return { ...answerOf(lookup.request, all), ...known, ...(isJoined && { remembered: lookup.keys.length }) };
  }

  /** A fetch as others may join it: who asks for the same, in whose name it may be asked, and before anything of it is invalidated. */
  #sharable(lookup: Lookup): SharableFetch<Outcome> {
    const { log } = this.#options;
    const { rules, request, keys } = lookup;
    const before = this.#now();
    const isAllowed = (_: string, index: number): boolean =>
      log.allows({ ...before, marks: rules.marksOf(request, index) }, rules.marks);
    return {
      key: keys.join(' '),
      fetch: (deadline) => this.#askOnce(lookup, deadline),
      isCurrent: () => (log.position.at === before.at && log.isConfirmed()) || keys.every(isAllowed),
    };
  }

  /** Asks a department, unless another gateway is just doing so and has the answer in time. */
  async #askOnce(lookup: Lookup, deadline: Deadline): Promise<Outcome> {
    const { claims, store } = this.#options;
    const { rules, keys } = lookup;
    if (!claims || !rules.isExpensive || !store.isUp()) return this.#ask(lookup, deadline);
    const leaseMs = rules.leaseMs;
    const release = await claims.claim(hash('sha256', keys.join(' '), 'base64url'), leaseMs);
    if (!release) return (await this.#takeOthers(lookup, deadline, leaseMs)) ?? this.#ask(lookup, deadline);
    try {
      return await this.#ask(lookup, deadline);
    } finally {
      release();
    }
  }

  /** What another gateway has fetched meanwhile; undefined where it has not. */
  async #takeOthers(
    { rules, request, keys }: Lookup,
    deadline: Deadline,
    withinMs: number,
  ): Promise<Outcome | undefined> {
    const { store, log } = this.#options;
    const endsAtMs = performance.now() + withinMs;
    const isFresh = (answer: RememberedAnswer): boolean =>
      Date.now() < answer.freshUntilMs && log.allows(answer, rules.marks);
    while (performance.now() < endsAtMs && !deadline.isOver) {
      await pause(LOOK_EVERY_MS);
      const found = await store.getMany(keys, isFresh);
      const fresh = found.map((answer) => (answer && isFresh(answer) ? answer : undefined));
      if (!isComplete(fresh)) continue;
      const parts = { texts: fresh, errors: [] };
      return { answer: answerOf(request, parts), parts, fault: undefined };
    }
    return undefined;
  }

  /** Asks a department. It never throws for one that fails: what is remembered is not lost by that. */
  async #ask(lookup: Lookup, deadline: Deadline): Promise<Outcome> {
    const asked = this.#now();
    let answer: SubgraphAnswer | undefined;
    try {
      answer = await this.#fetcher(lookup.request, deadline);
      lookup.rules.took(performance.now() - asked.askedHereAtMs);
      return { answer, parts: this.#take(lookup, answer, asked), fault: undefined };
    } catch (fault) {
      if (!(fault instanceof GatewayFault)) throw fault;
      return { answer, parts: lostParts(lookup.keys.length, fault), fault };
    }
  }

  /** To be taken before an answer is asked for. */
  #now(): AskedAt {
    return { ...this.#options.log.position, askedHereAtMs: performance.now(), askedAtMs: Date.now() };
  }

  /** Remembers what may be of an answer, without letting it wait. @throws GatewayFault where the answer is none of GraphQL */
  #take({ request, rules, owner, keys }: Lookup, answer: SubgraphAnswer, asked: AskedAt): AnswerParts {
    const { settings, store, log, onFault } = this.#options;
    const lifetime = rules.judge(answer, owner, settings);
    const parts = takeApart(answer, request, keys.length);
    if (!lifetime) return parts;
    const { askedAtMs, ...before } = asked;
    const entries = goodParts(answer, parts).flatMap((index) => {
      const origin = { ...before, marks: rules.marksOf(request, index) };
      // What was invalidated while it was under way would not be given anyway.
      if (!log.allows(origin, rules.marks)) return [];
      return entryOf({ key: keys[index]!, text: parts.texts[index]!, askedAtMs, origin }, lifetime, settings) ?? [];
    });
    if (entries.length > 0) void store.setMany(entries).catch(onFault);
    return parts;
  }
}

/** How much of an answer was remembered, and since when. */
function rememberedOf(
  parts: readonly (RememberedAnswer | undefined)[],
): Pick<SubgraphAnswer, 'remembered' | 'rememberedSinceMs'> {
  let remembered = 0;
  let rememberedSinceMs = Infinity;
  for (const part of parts) {
    if (!part) continue;
    remembered += 1;
    if (part.askedAtMs < rememberedSinceMs) rememberedSinceMs = part.askedAtMs;
  }
  return { remembered, rememberedSinceMs };
}

function isComplete<Part>(parts: readonly (Part | undefined)[]): parts is readonly Part[] {
  return parts.every((part) => part !== undefined);
}

function missingOf(parts: readonly unknown[]): number[] {
  return parts.flatMap((part, index) => (part === undefined ? [index] : []));
}

function partOf(lookup: Lookup, indices: readonly number[]): Lookup {
  const { request, keys, found } = lookup;
  if (!request.template.isEntityFetch) return lookup;
  return {
    ...lookup,
    request: requestFor(request, indices),
    keys: indices.map((index) => keys[index]!),
    found: indices.map((index) => found[index]),
  };
}
