import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { StartError } from '../program.ts';
import type { StreamMessage, StreamTables } from './stream-tables.ts';

/** Messages of each stream in one answer. */
const MAX_MESSAGES = 250;
/** How long Redis waits for a message before it says that there is none. */
const BLOCK_MS = 2_000;
const ANSWER_WITHIN_MS = 5_000;
const RETRY_AFTER_MS = 500;

/**
 * Connects to a Redis.
 * @throws StartError where it cannot be reached
 */
export async function connectTo(
  url: string,
  { department, setting }: { department: string; setting: string },
): Promise<Redis> {
  // Only a department of this kind pays for the client.
  const { Redis: Client } = await import('ioredis');
  const redis = new Client(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: ANSWER_WITHIN_MS,
    commandTimeout: BLOCK_MS + ANSWER_WITHIN_MS,
    connectionName: department,
    retryStrategy: () => RETRY_AFTER_MS,
  });
  // What goes wrong, the next question says.
  let reason = '';
  redis.on('error', (error: Error) => (reason = error.message));
  try {
    await redis.connect();
    await redis.ping();
    return redis;
  } catch (error) {
    redis.disconnect();
    throw new StartError(`Redis does not let us in (${reason || (error as Error).message}); check ${setting}`);
  }
}

/** Reads streams from their beginning, and follows them until it is closed. */
export class StreamFollower {
  readonly #redis: Redis;
  readonly #tables: StreamTables;
  readonly #streams: readonly string[];
  readonly #ending = new AbortController();
  #following = Promise.resolve();

  constructor(redis: Redis, tables: StreamTables, streams: readonly string[]) {
    this.#redis = redis;
    this.#tables = tables;
    this.#streams = streams;
  }

  /**
   * Reads what there is, and follows from then on.
   * @throws Error where Redis says no: the name is not a stream's, or it may not be read
   */
  async begin(): Promise<void> {
    for (const stream of this.#streams) {
      await this.#readToEnd(stream);
      this.#tables.note(stream, null);
    }
    if (this.#streams.length > 0) this.#following = this.#follow();
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.#redis.disconnect();
    await this.#following;
  }

  async #follow(): Promise<void> {
    while (!this.#isEnding())
      try {
        const hasNews = await this.#readNext();
        if (!hasNews) await this.#checkStreams();
      } catch (error) {
        if (this.#isEnding()) return;
        const fault = `Redis does not answer: ${(error as Error).message}`;
        for (const stream of this.#streams) this.#tables.note(stream, fault);
        await wait(RETRY_AFTER_MS, undefined, { signal: this.#ending.signal }).catch(() => {});
      }
  }

  #isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Takes the next messages of all streams; false where none came. */
  async #readNext(): Promise<boolean> {
    const ids = this.#streams.map((stream) => this.#tables.lastIdOf(stream));
    const answer = await this.#redis.xread(
      ...(['COUNT', MAX_MESSAGES, 'BLOCK', BLOCK_MS, 'STREAMS', ...this.#streams, ...ids] as unknown as ReadArguments),
    );
    for (const [stream, messages] of answer ?? []) this.#tables.take(stream, messages);
    for (const stream of this.#streams) this.#tables.note(stream, null);
    return answer !== null;
  }

  /** A stream that ends before what was read of it is another one: Redis was emptied, or took an older copy of itself. */
  async #checkStreams(): Promise<void> {
    for (const stream of this.#streams) {
      const lastId = await this.#lastId(stream);
      const known = this.#tables.lastIdOf(stream);
      if (lastId === undefined)
        this.#tables.note(stream, known === '0-0' ? 'there is no such stream yet' : 'the stream is gone');
      else if (isBefore(lastId, known)) await this.#tables.anew(stream, () => this.#readToEnd(stream));
    }
  }

  async #readToEnd(stream: string): Promise<void> {
    for (;;) {
      this.#ending.signal.throwIfAborted();
      const answer = await this.#redis.xread('COUNT', MAX_MESSAGES, 'STREAMS', stream, this.#tables.lastIdOf(stream));
      const messages: readonly StreamMessage[] = answer?.[0]?.[1] ?? [];
      if (messages.length === 0) return;
      this.#tables.take(stream, messages);
    }
  }

  /** The last message that it ever had; undefined where there is no such stream. */
  async #lastId(stream: string): Promise<string | undefined> {
    if ((await this.#redis.exists(stream)) === 0) return undefined;
    const facts = (await this.#redis.xinfo('STREAM', stream)) as (string | number)[];
    return String(facts[facts.indexOf('last-generated-id') + 1]);
  }
}

type ReadArguments = ['COUNT', number, 'BLOCK', number, 'STREAMS', ...string[]];

function isBefore(one: string, other: string): boolean {
  const [[ms = 0n, sequence = 0n], [otherMs = 0n, otherSequence = 0n]] = [partsOf(one), partsOf(other)];
  return ms < otherMs || (ms === otherMs && sequence < otherSequence);
}

function partsOf(id: string): bigint[] {
  return id.split('-').map(BigInt);
}
