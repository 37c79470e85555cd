import { LRUCache } from 'lru-cache';
import type { PreparedOperation } from '../operation/prepare.ts';

import type { ObservedRequest, RequestObserver } from './observed-request.ts';
import { outcomeOf } from './outcome.ts';
import { usedCoordinates } from './used-coordinates.ts';

/** How often a client used a field. */
export interface ClientUsage {
  /** What the client calls itself; null where it does not, `other` for all that are too many to be told apart. */
  client: string | null;
  version: string | null;
  /** Which part of the graph it asked; null: the whole. */
  contract: string | null;
  /** Requests whose operation asks for the field. */
  requests: number;
  /** The same by day (UTC): `2026-11-27`. */
  days: Record<string, number>;
}

/** Which fields are used by whom. */
export interface Usage {
  /** From when on it was counted, as ISO 8601: a field that is not there was not asked for since. */
  since: string;
  /** Inputs are counted too, beside fields. */
  tellsInputs: true;
  /** By coordinate, such as `Book.title`; see `used-coordinates.ts`. */
  fields: Record<string, ClientUsage[]>;
}

/** How much is kept. */
export interface UsageBounds {
  /** Days, with today. */
  maxDays: number;
  /** Versions of clients that are told apart on one day. */
  maxClients: number;
  /** Operations of clients whose requests are counted as one, before they are spread over their fields. */
  maxOperations: number;
  /** Counters in all: where there would be more, the oldest day goes. */
  maxCounters: number;
}

/** Some tens of megabytes at most. */
export const USAGE_BOUNDS: UsageBounds = { maxDays: 30, maxClients: 100, maxOperations: 2_000, maxCounters: 300_000 };

const DAY_MS = 86_400_000;

/** A version of a client, and the part of the graph that it asks. */
type Asker = Pick<ClientUsage, 'client' | 'version' | 'contract'>;

/** One on one day. */
interface ClientDay {
  readonly asker: Asker;
  readonly requestsByField: Map<string, number>;
}

/** Requests for one operation, not yet spread over its fields. */
interface CountedOperation {
  readonly by: ClientDay;
  readonly fields: readonly string[];
  requests: number;
}

/**
 * Counts which clients ask for which fields, in bounded memory of this process. A request costs one look-up: what it counts is an operation,
 * which is spread over its fields when somebody reads, or when too many operations are kept.
 */
export class FieldUsage implements RequestObserver {
  readonly #bounds: UsageBounds;
  readonly #now: () => number;
  readonly #sinceMs: number;
  /** By day, the oldest first, and there by client and version. */
  readonly #days = new Map<string, Map<string, ClientDay>>();
  readonly #operations: LRUCache<string, CountedOperation>;
  readonly #fields = new WeakMap<PreparedOperation, readonly string[]>();
  #today = '';
  #todayEndsMs = 0;
  #counters = 0;
  #oldestKeptMs: number;

  /** @param now milliseconds since 1970. Default: this machine's clock */
  constructor(bounds = USAGE_BOUNDS, now: () => number = Date.now) {
    this.#bounds = bounds;
    this.#now = now;
    this.#sinceMs = now();
    this.#oldestKeptMs = this.#sinceMs;
    this.#operations = new LRUCache({
      max: bounds.maxOperations,
      dispose: (counted, _key, reason) => {
        if (reason === 'evict') this.#spread(counted);
      },
    });
  }

  ended({ message: { client, contract }, operation, schema, answer }: ObservedRequest): void {
    // What is refused as a whole used nothing.
    if (!operation || outcomeOf(answer!) === 'refused') return;
    this.#turnDay();
    const asker = { client: client?.name ?? null, version: client?.version ?? null, contract: contract ?? null };
    const key = `${operation.textHash}\0${operation.name ?? ''}\0${keyOf(asker)}`;
    const known = this.#operations.get(key);
    if (known) {
      known.requests += 1;
      return;
    }
    // Now, and not when they are needed: what is kept must not hold a supergraph that is no longer served.
    let fields = this.#fields.get(operation);
    if (!fields) this.#fields.set(operation, (fields = usedCoordinates(operation, schema!)));
    this.#operations.set(key, { by: this.#clientDay(asker), fields, requests: 1 });
  }

  /** What was counted. @param field one coordinate alone. Default: all that were used */
  read(field?: string): Usage {
    this.#turnDay();
    for (const counted of this.#operations.values()) this.#spread(counted);
    this.#operations.clear();
    const fields: Record<string, ClientUsage[]> = field === undefined ? {} : { [field]: [] };
    for (const [day, clients] of this.#days)
      for (const { asker, requestsByField } of clients.values()) {
        const counted = field === undefined ? requestsByField : [[field, requestsByField.get(field) ?? 0] as const];
        for (const [coordinate, requests] of counted)
          if (requests > 0) add((fields[coordinate] ??= []), { ...asker, requests }, day);
      }
    return { since: new Date(this.#oldestKeptMs).toISOString(), tellsInputs: true, fields };
  }

  #clientDay(asker: Asker): ClientDay {
    let clients = this.#days.get(this.#today);
    if (!clients) this.#days.set(this.#today, (clients = new Map<string, ClientDay>()));
    const key = keyOf(asker);
    const known = clients.get(key);
    if (known) return known;
    const isOther = clients.size >= this.#bounds.maxClients;
    const named = isOther ? { client: 'other', version: null, contract: asker.contract } : asker;
    let made = clients.get(keyOf(named));
    if (!made) {
      made = { asker: named, requestsByField: new Map() };
      clients.set(keyOf(named), made);
    }
    return made;
  }

  #spread({ by: { requestsByField }, fields, requests }: CountedOperation): void {
    for (const field of fields) {
      const before = requestsByField.get(field);
      if (before === undefined) this.#counters += 1;
      requestsByField.set(field, (before ?? 0) + requests);
    }
    while (this.#counters > this.#bounds.maxCounters && this.#days.size > 1) this.#dropOldestDay();
  }

  /** Another day has begun: what was counted belongs to the one before. */
  #turnDay(): void {
    const nowMs = this.#now();
    if (nowMs < this.#todayEndsMs) return;
    for (const counted of this.#operations.values()) this.#spread(counted);
    this.#operations.clear();
    this.#today = dayOf(nowMs);
    this.#todayEndsMs = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
    const oldest = dayOf(nowMs - (this.#bounds.maxDays - 1) * DAY_MS);
    for (const day of [...this.#days.keys()]) if (day < oldest) this.#dropOldestDay();
  }

  #dropOldestDay(): void {
    const [day, clients] = this.#days.entries().next().value!;
    for (const { requestsByField } of clients.values()) this.#counters -= requestsByField.size;
    this.#days.delete(day);
    this.#oldestKeptMs = Math.max(this.#sinceMs, Date.parse(day) + DAY_MS);
  }
}

function keyOf({ client, version, contract }: Asker): string {
  return `${client ?? ''}\0${version ?? ''}\0${contract ?? ''}`;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function add(usages: ClientUsage[], { requests, ...asker }: Omit<ClientUsage, 'days'>, day: string): void {
  let usage = usages.find((each) => keyOf(each) === keyOf(asker));
  if (!usage) usages.push((usage = { ...asker, requests: 0, days: {} }));
  usage.requests += requests;
  usage.days[day] = (usage.days[day] ?? 0) + requests;
}
