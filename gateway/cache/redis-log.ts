import { randomUUID } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import { GatewayFault } from '../errors.ts';
import {
  CONFIRMED_FOR_MS,
  KnownInvalidations,
  MAX_KNOWN_MARKS,
  type AnswerOrigin,
  type InvalidationLog,
  type LogPosition,
} from './invalidation-log.ts';
import type { Mark } from './marks.ts';

/** How often the log is read. What another gateway invalidated is known here after half of it, as a rule. */
const READ_EVERY_MS = 100;
/** Entries read at once. */
const PAGE = 1_000;
/** Marks that wait for Redis to come back, at most; of those that are lost somebody is told. */
const MAX_WAITING = 10_000;

/** All of them in one slot of a cluster. */
const KEYS = ['switchyard:{invalidations}:id', 'switchyard:{invalidations}:count', 'switchyard:{invalidations}:log'];

/**
 * A log is another one when its server was started anew or replaced, or was emptied: then invalidations may be lost, and nothing from
 * before may be relied on.
 */
const NAME = `
local id = redis.call('GET', KEYS[1])
if not id then
  id = ARGV[1]
  redis.call('SET', KEYS[1], id)
  redis.call('DEL', KEYS[2], KEYS[3])
end
local name = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') .. id
`;

/** Gives the log's name, its end, and entries from a position on: each its number, and its marks as JSON. */
const READ = `${NAME}
local from = '1'
if ARGV[2] == name then from = ARGV[3] end
local entries = redis.call('XRANGE', KEYS[3], from .. '-0', '+', 'COUNT', ARGV[4])
local read = {}
for _, entry in ipairs(entries) do read[#read + 1] = { string.match(entry[1], '^%d+'), entry[2][2] } end
return { name, redis.call('GET', KEYS[2]) or '0', read }
`;

/** Adds marks; gives the entry's number. */
const APPEND = `${NAME}
local at = redis.call('INCR', KEYS[2])
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[3], string.format('%d-0', at), 'marks', ARGV[2])
return { name, string.format('%d', at) }
`;

type ReadReply = [name: string, count: string, entries: [at: string, marks: string][]];

/** Commands of the log, as ioredis adds them. */
interface LogCommands {
  switchyardReadLog(...keysAndArguments: (string | number)[]): Promise<ReadReply>;
  switchyardAppendToLog(...keysAndArguments: (string | number)[]): Promise<[name: string, at: string]>;
}

export interface RedisLogOptions {
  /** A connection of its own. It is closed with the log. */
  redis: Redis | Cluster;
  /** Told of marks that could not be invalidated and are given up. */
  onLost(marks: readonly Mark[]): void;
}

/** How long opening waits for Redis. */
const OPEN_WITHIN_MS = 1_000;

/** A log in Redis, for all gateways on it. Resolves once it was read, or could not be. */
export async function openRedisLog(options: RedisLogOptions): Promise<InvalidationLog> {
  const { redis } = options;
  // The store's connection tells of problems.
  redis.on('error', () => undefined);
  const log = new RedisLog(options);
  const isReady = redis.status === 'ready' || (await isReadyWithin(redis, OPEN_WITHIN_MS));
  if (isReady) await log.read();
  else log.readLater();
  return log;
}

function isReadyWithin(redis: Redis | Cluster, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    redis.once('ready', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

class RedisLog implements InvalidationLog {
  readonly #redis: (Redis | Cluster) & LogCommands;
  readonly #onLost: RedisLogOptions['onLost'];
  readonly #known = new KnownInvalidations();
  #log = '';
  #at = 0;
  /** When the reading began that found nothing more. */
  #confirmedAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #waiting: Mark[] = [];

  constructor({ redis, onLost }: RedisLogOptions) {
    redis.defineCommand('switchyardReadLog', { numberOfKeys: KEYS.length, lua: READ });
    redis.defineCommand('switchyardAppendToLog', { numberOfKeys: KEYS.length, lua: APPEND });
    this.#redis = redis as (Redis | Cluster) & LogCommands;
    this.#onLost = onLost;
  }

  get position(): LogPosition {
    return { log: this.#log, at: this.#at };
  }

  allows({ log, at, askedHereAtMs }: AnswerOrigin, marksOf: () => readonly Mark[]): boolean {
    const nowMs = performance.now();
    // What was asked for so shortly before cannot have been invalidated for longer than is promised.
    const isRecent = askedHereAtMs !== undefined && nowMs - askedHereAtMs < CONFIRMED_FOR_MS;
    if (log !== this.#log || this.#log === '') return isRecent;
    if (this.#known.isInvalidatedSince(at, marksOf)) return false;
    return isRecent || this.#isConfirmedAt(nowMs);
  }

  isConfirmed(): boolean {
    return this.#isConfirmedAt(performance.now());
  }

  #isConfirmedAt(nowMs: number): boolean {
    return nowMs - this.#confirmedAtMs < CONFIRMED_FOR_MS;
  }

  async invalidate(marks: readonly Mark[]): Promise<void> {
    try {
      await this.#append(marks);
    } catch (error) {
      throw new GatewayFault('INVALIDATION_UNAVAILABLE', String(error), { cause: error });
    }
  }

  async invalidateEventually(marks: readonly Mark[]): Promise<void> {
    try {
      await this.#append(marks);
    } catch {
      if (this.#waiting.length + marks.length > MAX_WAITING) return this.#onLost(marks);
      this.#waiting.push(...marks);
      // Here it is known at once; where it stands is known once it is in the log.
      this.#known.addUnplaced(marks);
    }
  }

  async #append(marks: readonly Mark[]): Promise<void> {
    const [name, at] = await this.#redis.switchyardAppendToLog(
      ...KEYS,
      randomUUID(),
      JSON.stringify(marks),
      MAX_KNOWN_MARKS,
    );
    if (name === this.#log) this.#known.add(Number(at), marks);
    await this.read();
  }

  /** Reads what is new, after any reading that is under way: it may have begun too early. Never rejects. */
  read(): Promise<void> {
    clearTimeout(this.#timer);
    this.#reading = this.#reading.then(() => this.#readPages()).finally(() => this.readLater());
    return this.#reading;
  }

  /** Reads when it is time again. */
  readLater(): void {
    clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.read(), READ_EVERY_MS);
  }

  async #readPages(): Promise<void> {
    try {
      let isMore = true;
      while (isMore && !this.#isClosed) isMore = await this.#readPage();
      if (this.#waiting.length === 0) return;
      await this.#appendWaiting();
      await this.#readPage();
    } catch {
      // It is not confirmed any more soon, and read again then.
    }
  }

  async #readPage(): Promise<boolean> {
    const beganAtMs = performance.now();
    const [name, count, entries] = await this.#redis.switchyardReadLog(
      ...KEYS,
      randomUUID(),
      this.#log,
      this.#at + 1,
      PAGE,
    );
    if (name !== this.#log) {
      this.#known.clear();
      this.#log = name;
      this.#at = 0;
    }
    for (const [number, marks] of entries) this.#take(Number(number), JSON.parse(marks) as Mark[]);
    if (entries.length === PAGE) return true;
    if (this.#at < Number(count)) {
      // What is missing at the end was cut off.
      this.#known.forgetUpTo(Number(count));
      this.#at = Number(count);
    }
    this.#confirmedAtMs = beganAtMs;
    return false;
  }

  #take(at: number, marks: readonly Mark[]): void {
    if (at !== this.#at + 1) this.#known.forgetUpTo(at - 1);
    this.#known.add(at, marks);
    this.#at = at;
  }

  async #appendWaiting(): Promise<void> {
    const marks = this.#waiting;
    const [name, at] = await this.#redis.switchyardAppendToLog(
      ...KEYS,
      randomUUID(),
      JSON.stringify(marks),
      MAX_KNOWN_MARKS,
    );
    this.#waiting = this.#waiting.slice(marks.length);
    if (name === this.#log) this.#known.add(Number(at), marks);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#redis.quit().catch(() => this.#redis.disconnect());
    await this.#reading;
    clearTimeout(this.#timer);
  }
}
