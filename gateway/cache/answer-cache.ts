import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { CacheConfig } from '../config/cache.ts';
import { Deadline } from '../deadline.ts';
import { GatewayFault } from '../errors.ts';
import type { Fetcher, FetchTemplate, SubgraphAnswer, SubgraphRequest } from '../execute/fetcher.ts';
import { answerOf, lostParts, takeApart, type AnswerParts } from './answer-texts.ts';
import { readInvalidations, type ToldChange } from './invalidation-requests.ts';
import type { InvalidationLog } from './invalidation-log.ts';
import type { Claims } from './claims.ts';
import { changesOf } from './mutation-changes.ts';
import type { Owner } from './owner.ts';
import { coverWith, EntryMaker, goodParts, mergeParts, requestFor, type AskedAt } from './answer-parts.ts';
import { SharedFetches, type SharableFetch } from './shared-fetches.ts';
import type { CacheStore, RememberedAnswer } from './store.ts';
import { namesOf, TemplateRules, type RuleSource } from './template-rules.ts';

export interface AnswerCacheOptions extends RuleSource {
  store: CacheStore;
  log: InvalidationLog;
  settings: Pick<CacheConfig, 'maxEntryBytes' | 'maxNegativeAgeMs' | 'staleWhileRevalidateMs' | 'staleIfErrorMs'>;
  /** Shares what is expensive among gateways. Absent: each fetches for itself. */
  claims?: Claims | undefined;
  /** What a fetch may take that several requests wait for, or none. */
  sharedTimeoutMs: number;
  /** Told of what mutations changed. Default: nobody */
  onChanges?: ((changes: readonly ToldChange[]) => Promise<void>) | undefined;
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
  readonly group: string;
  readonly names: readonly string[];
  /** By name; of any age. */
  readonly found: readonly (RememberedAnswer | undefined)[];
}

/** What became of asking a department. */
class Outcome {
  readonly answer: SubgraphAnswer | undefined;
  readonly #lookup: Lookup;
  readonly #fault: GatewayFault | undefined;
  #read: { parts: AnswerParts; fault: GatewayFault | undefined } | undefined;

  /** @param fault why there is no answer; undefined where there is one */
  constructor(lookup: Lookup, answer: SubgraphAnswer | undefined, fault?: GatewayFault) {
    this.#lookup = lookup;
    this.answer = answer;
    this.#fault = fault;
  }

  /** The answer taken apart when that is first needed, which is seldom; without one, or with one that is none of GraphQL, why. */
  get read(): { parts: AnswerParts; fault: GatewayFault | undefined } {
    return (this.#read ??= this.#takeApart());
  }

  #takeApart(): { parts: AnswerParts; fault: GatewayFault | undefined } {
    const { request, names } = this.#lookup;
    let fault = this.#fault;
    try {
      if (this.answer) return { parts: takeApart(this.answer, request, names.length), fault: undefined };
    } catch (error) {
      if (!(error instanceof GatewayFault)) throw error;
      fault = error;
    }
    return { parts: lostParts(names.length, fault!), fault };
  }
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
    if (read.ok) {
      await log.invalidateEventually(read.marks);
      await this.#options.onChanges?.(read.changes).catch(onFault);
    } else onFault(new GatewayFault('INVALIDATION_INVALID', `Subgraph ${service}: ${read.problem}`));
    return answer;
  }

  /** Asks where no hint allows to remember anything; the answer's header may. */
  async #watch(request: SubgraphRequest, deadline: Deadline, rules: TemplateRules, owner: Owner) {
    const asked = this.#now();
    const answer = await this.#fetcher(request, deadline);
    if (answer.cacheControl === undefined) return answer;
    const group = rules.groupOf(request, owner);
    const lookup = { request, rules, owner, group, names: namesOf(request), found: [] };
    this.#take(lookup, new Outcome(lookup, answer), asked);
    return answer;
  }

  async #lookUp(request: SubgraphRequest, deadline: Deadline, rules: TemplateRules, owner: Owner) {
    const group = rules.groupOf(request, owner);
    const names = namesOf(request);
    const remembered = await this.#options.store.getMany(group, names, this.#freshness(request, rules));
    const found = remembered.map((answer, index) =>
      answer && this.#isAllowed(answer, rules, request, index) ? answer : undefined,
    );
    const lookup = { request, rules, owner, group, names, found };
    const nowMs = Date.now();
    const fresh = found.map((answer) => (answer && nowMs < answer.times.freshUntilMs ? answer : undefined));
    if (isComplete(fresh)) return { ...answerOf(request, { texts: fresh, errors: [] }), ...rememberedOf(fresh) };
    const usable = found.map((answer) => (answer && nowMs < answer.times.revalidateUntilMs ? answer : undefined));
    if (isComplete(usable)) {
      this.#revalidate(lookup, missingOf(fresh));
      return { ...answerOf(request, { texts: usable, errors: [] }), ...rememberedOf(usable) };
    }
    return this.#fetchMissing(lookup, fresh, deadline);
  }

  /** Fetches anew, beside the requests, what is no longer fresh: once, however many are given it in the meantime. */
  #revalidate(lookup: Lookup, stale: readonly number[]): void {
    const indices = stale.filter((index) => !this.#revalidated.has(keyOf(lookup, index)));
    if (indices.length === 0) return;
    const rest = partOf(lookup, indices);
    const keys = rest.names.map((_, index) => keyOf(rest, index));
    for (const key of keys) this.#revalidated.add(key);
    const deadline = new Deadline(this.#options.sharedTimeoutMs);
    void this.#askOnce(rest, deadline)
      .catch((error: unknown) => this.#options.onFault(error))
      .finally(() => {
        deadline.clear();
        for (const key of keys) this.#revalidated.delete(key);
      });
  }

  async #fetchMissing(lookup: Lookup, fresh: readonly (RememberedAnswer | undefined)[], deadline: Deadline) {
    const missing = missingOf(fresh);
    const isPartial = missing.length < lookup.names.length;
    const rest = isPartial ? partOf(lookup, missing) : lookup;
    const { result, isJoined } = this.#shared.fetch(this.#sharable(rest), deadline);
    const outcome = await result;
    const stale = staleOf(rest, outcome);
    if (!isPartial && stale === undefined) {
      const { answer } = outcome;
      if (!answer) throw outcome.read.fault!;
      return isJoined ? { ...answer, remembered: lookup.names.length } : answer;
    }
    const { parts } = outcome.read;
    const all = mergeParts(fresh, missing, stale ? coverWith(parts, stale) : parts);
    const known = rememberedOf([...fresh, ...(stale ?? [])]);
    return { ...answerOf(lookup.request, all), ...known, ...(isJoined && { remembered: lookup.names.length }) };
  }

  /** A fetch as others may join it: who asks for the same, in whose name it may be asked, and before anything of it is invalidated. */
  #sharable(lookup: Lookup): SharableFetch<Outcome> {
    const { log } = this.#options;
    const { rules, request, group, names } = lookup;
    const before = this.#now();
    const isAllowed = (_: string, index: number): boolean => log.allows(before, () => rules.marksOf(request, index));
    return {
      group,
      names,
      fetch: (deadline) => this.#askOnce(lookup, deadline),
      isCurrent: () => (log.position.at === before.at && log.isConfirmed()) || names.every(isAllowed),
    };
  }

  /** Asks a department, unless another gateway is just doing so and has the answer in time. */
  async #askOnce(lookup: Lookup, deadline: Deadline): Promise<Outcome> {
    const { claims, store } = this.#options;
    const { rules, group, names } = lookup;
    if (!claims || !rules.isExpensive || !store.isUp()) return this.#ask(lookup, deadline);
    const leaseMs = rules.leaseMs;
    const release = await claims.claim(hash('sha256', [group, ...names].join(' '), 'base64url'), leaseMs);
    if (!release) return (await this.#takeOthers(lookup, deadline, leaseMs)) ?? this.#ask(lookup, deadline);
    try {
      return await this.#ask(lookup, deadline);
    } finally {
      release();
    }
  }

  /** What another gateway has fetched meanwhile; undefined where it has not. */
  async #takeOthers(lookup: Lookup, deadline: Deadline, withinMs: number): Promise<Outcome | undefined> {
    const { rules, request, group, names } = lookup;
    const endsAtMs = performance.now() + withinMs;
    const isFresh = this.#freshness(request, rules);
    while (performance.now() < endsAtMs && !deadline.isOver) {
      await pause(LOOK_EVERY_MS);
      const found = await this.#options.store.getMany(group, names, isFresh);
      const fresh = found.map((answer, index) => (answer && isFresh(answer, index) ? answer : undefined));
      if (isComplete(fresh)) return new Outcome(lookup, answerOf(request, { texts: fresh, errors: [] }));
    }
    return undefined;
  }

  /** Asks a department. It never throws for one that fails: what is remembered is not lost by that. */
  async #ask(lookup: Lookup, deadline: Deadline): Promise<Outcome> {
    const asked = this.#now();
    try {
      const answer = await this.#fetcher(lookup.request, deadline);
      lookup.rules.took(performance.now() - asked.askedHereAtMs!);
      const outcome = new Outcome(lookup, answer);
      this.#take(lookup, outcome, asked);
      return outcome;
    } catch (fault) {
      if (!(fault instanceof GatewayFault)) throw fault;
      return new Outcome(lookup, undefined, fault);
    }
  }

  /** To be taken before an answer is asked for. */
  #now(): AskedAt {
    return { ...this.#options.log.position, askedHereAtMs: performance.now(), askedAtMs: Date.now() };
  }

  /** Whether a remembered answer to a request may be given as it is. */
  #freshness(request: SubgraphRequest, rules: TemplateRules): (answer: RememberedAnswer, index: number) => boolean {
    const nowMs = Date.now();
    return (answer, index) => nowMs < answer.times.freshUntilMs && this.#isAllowed(answer, rules, request, index);
  }

  #isAllowed(answer: RememberedAnswer, rules: TemplateRules, request: SubgraphRequest, index: number): boolean {
    return this.#options.log.allows(answer.times, () => (answer.marks ??= rules.marksOf(request, index)));
  }

  /** Remembers what may be of an answer, without letting it wait. */
  #take({ request, rules, owner, group, names }: Lookup, outcome: Outcome, asked: AskedAt): void {
    const { settings, store, log, onFault } = this.#options;
    const answer = outcome.answer!;
    const lifetime = rules.judge(answer, owner, settings);
    if (!lifetime) return;
    const wanted = store.wantedOf(group, names);
    if (wanted.length === 0) return;
    const { parts } = outcome.read;
    const good = goodParts(answer, parts);
    const maker = new EntryMaker(asked, lifetime, settings);
    const entries = wanted.flatMap((index) => {
      // What was invalidated while it was under way would not be given anyway.
      if (!good.has(index) || !log.allows(asked, () => rules.marksOf(request, index))) return [];
      return maker.entryOf(names[index]!, parts.texts[index]!) ?? [];
    });
    if (entries.length > 0) void store.setMany(group, entries).catch(onFault);
  }
}

/**
 * What is remembered of what was asked for, by position, and may be given as the department fails. Undefined where it does not, or
 * nothing is.
 */
function staleOf({ found }: Lookup, outcome: Outcome): (RememberedAnswer | undefined)[] | undefined {
  const nowMs = Date.now();
  const stale = found.map((known) => (known && nowMs < known.times.ifErrorUntilMs ? known : undefined));
  if (stale.every((known) => known === undefined)) return undefined;
  const hasFailed = outcome.read.fault !== undefined || outcome.answer!.httpStatus >= 500;
  return hasFailed ? stale : undefined;
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
    rememberedSinceMs = Math.min(rememberedSinceMs, part.times.askedAtMs);
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
  const { request, names, found } = lookup;
  if (!request.template.isEntityFetch) return lookup;
  return {
    ...lookup,
    request: requestFor(request, indices),
    names: indices.map((index) => names[index]!),
    found: indices.map((index) => found[index]),
  };
}

function keyOf({ group, names }: Lookup, index: number): string {
  return `${group} ${names[index]}`;
}
