import { randomUUID } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';

/** Reads what departments say has changed, until it is closed. */
export interface ChangeReader {
  close(): Promise<void>;
}

export interface ChangeReaderOptions {
  /** Names of the subgraphs that may say so: each in a stream of its own, to which Redis can confine it. */
  subgraphs: readonly string[];
  /** Invalidates what a message lists; where it rejects, the message comes again. */
  take(subgraph: string, message: unknown): Promise<void>;
  /** Told of messages that cannot be read; they are dropped. */
  onFault(error: unknown): void;
}

/** The stream of a subgraph's changes: `XADD switchyard:{changes}:tax * changes '[{"kind":"type","type":"Taxpayer"}]'`. */
export function changeStream(subgraph: string): string {
  return `switchyard:{changes}:${subgraph}`;
}

const GROUP = 'gateways';
const READ_EVERY_MS = 100;
/** After how long another gateway takes a message that one has read and not dealt with. */
const ABANDONED_AFTER_MS = 1_000;
const PAGE = 100;

/** Entries as XREADGROUP and XAUTOCLAIM give them; null where the entry is no longer there. */
type Entry = [id: string, fields: string[] | null];

/**
 * Reads the streams of changes: each message is dealt with by one gateway, by another where that one is killed meanwhile, and taken out of
 * its stream afterwards.
 *
 * @param redis a connection of its own, which is closed with the reader
 */
export function readChanges(redis: Redis | Cluster, options: ChangeReaderOptions): ChangeReader {
  // The store's connection tells of problems.
  redis.on('error', () => undefined);
  return new GroupReader(redis, options);
}

class GroupReader implements ChangeReader {
  readonly #redis: Redis | Cluster;
  readonly #options: ChangeReaderOptions;
  readonly #consumer = randomUUID();
  readonly #streams: readonly string[];
  #hasGroups = false;
  #claimAtMs = 0;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(redis: Redis | Cluster, options: ChangeReaderOptions) {
    this.#redis = redis;
    this.#options = options;
    this.#streams = options.subgraphs.map(changeStream);
    this.#readLater();
  }

  #readLater(): void {
    this.#timer = setTimeout(() => {
      this.#reading = this.#read().finally(() => {
        if (!this.#isClosed) this.#readLater();
      });
    }, READ_EVERY_MS);
  }

  async #read(): Promise<void> {
    try {
      if (!this.#hasGroups) await this.#makeGroups();
      const ids = this.#streams.map(() => '>');
      const read = await this.#redis.xreadgroup(
        ...(['GROUP', GROUP, this.#consumer, 'COUNT', PAGE, 'STREAMS', ...this.#streams, ...ids] as const),
      );
      for (const [stream, entries] of read ?? []) await this.#takeAll(stream, entries);
      if (performance.now() >= this.#claimAtMs) await this.#takeAbandoned();
    } catch {
      // Redis is away, was emptied, or the log cannot be written: it comes again.
      this.#hasGroups = false;
    }
  }

  async #makeGroups(): Promise<void> {
    for (const stream of this.#streams) {
      try {
        await this.#redis.xgroup('CREATE', stream, GROUP, '0', 'MKSTREAM');
      } catch (error) {
        if (!String(error).includes('BUSYGROUP')) throw error;
      }
    }
    this.#hasGroups = true;
  }

  async #takeAbandoned(): Promise<void> {
    this.#claimAtMs = performance.now() + ABANDONED_AFTER_MS;
    for (const stream of this.#streams) {
      const [, entries] = (await this.#redis.xautoclaim(
        ...([stream, GROUP, this.#consumer, ABANDONED_AFTER_MS, '0', 'COUNT', PAGE] as const),
      )) as [next: string, entries: Entry[]];
      await this.#takeAll(stream, entries);
    }
  }

  async #takeAll(stream: string, entries: readonly Entry[]): Promise<void> {
    const subgraph = this.#options.subgraphs[this.#streams.indexOf(stream)]!;
    for (const [id, fields] of entries) {
      const message = messageOf(fields);
      if (message === undefined) this.#options.onFault(new Error(`A message of ${subgraph} has no JSON in "changes".`));
      else await this.#options.take(subgraph, message);
      await this.#redis.multi().xack(stream, GROUP, id).xdel(stream, id).exec();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#reading;
    if (this.#hasGroups) await Promise.allSettled(this.#streams.map((stream) => this.#leave(stream)));
    await this.#redis.quit().catch(() => this.#redis.disconnect());
  }

  /** Consumers that are no more would be kept for ever. One with messages that it has not dealt with stays, for another to take them. */
  async #leave(stream: string): Promise<void> {
    const pending = await this.#redis.xpending(stream, GROUP, '-', '+', 1, this.#consumer);
    if (pending.length === 0) await this.#redis.xgroup('DELCONSUMER', stream, GROUP, this.#consumer);
  }
}

function messageOf(fields: readonly string[] | null): unknown {
  const at = fields?.indexOf('changes') ?? -1;
  try {
    return at >= 0 ? JSON.parse(fields![at + 1]!) : undefined;
  } catch {
    return undefined;
  }
}
