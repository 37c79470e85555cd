import { Redis } from 'ioredis';
import { StartError } from '../../subgraphs/kit/program.ts';
import type { CustomsRecord } from '../city/records.ts';

/** The stream of customs' messages, and what it was made from. */
const STREAM = 'customs:declarations';
const MARK = 'customs:declarations:made-from';
const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 30_000;
/** Messages in one go. */
const MESSAGES_AT_ONCE = 1_000;

/**
 * Sends customs' messages into their stream, the oldest first, each with the time that it was said at. A stream made from the same
 * fingerprint is kept; another one that a seed made is replaced.
 *
 * @throws StartError where Redis does not let us in, or has a stream of that name that no seed made
 */
export async function seedCustoms(
  redisUrl: string,
  declarations: readonly CustomsRecord[],
  fingerprint: string,
): Promise<{ /** Messages in the stream. */ messages: number }> {
  const messages = messagesOf(declarations);
  await withRedis(redisUrl, async (redis) => {
    const known = await redis.get(MARK);
    if (known === fingerprint) return;
    if (known === null && (await redis.exists(STREAM)) === 1)
      throw new StartError(
        `customs: Redis has a stream ${STREAM} that npm start did not make; remove it, or choose another Redis`,
      );
    // The mark says first that the stream is a seed's: a seeding that breaks off is done again.
    await redis.set(MARK, 'unfinished');
    await redis.del(STREAM);
    for (let at = 0; at < messages.length; at += MESSAGES_AT_ONCE)
      await send(redis, messages.slice(at, at + MESSAGES_AT_ONCE));
    await redis.set(MARK, fingerprint);
  });
  return { messages: messages.length };
}

/** What the stream was made from; null where there is none. @throws StartError where Redis does not let us in */
export function customsMadeFrom(redisUrl: string): Promise<string | null> {
  return withRedis(redisUrl, (redis) => redis.get(MARK));
}

interface Message {
  id: string;
  body: string;
}

function messagesOf(declarations: readonly CustomsRecord[]): Message[] {
  const steps = declarations
    .flatMap((declaration) => declaration.steps.map((step) => ({ declaration, ...step })))
    .toSorted((one, other) => one.atMs - other.atMs);
  // Messages of one millisecond are told apart by their number in it, as Redis itself does.
  let before = { atMs: 0, number: 0 };
  return steps.map(({ declaration, status, atMs }) => {
    before = { atMs, number: before.atMs === atMs ? before.number + 1 : 0 };
    return { id: `${atMs}-${before.number}`, body: JSON.stringify(bodyOf(declaration, status)) };
  });
}

/** As customs' own program writes it. */
function bodyOf(record: CustomsRecord, status: string) {
  const { declarationNo, customsCode, uscc, direction, chapter, valueCny, declaredOn } = record;
  return {
    declaration: {
      no: declarationNo,
      direction: direction[0],
      hs: chapter,
      value: valueCny,
      day: declaredOn.replaceAll('-', ''),
    },
    trader: { customsCode, uscc },
    status: status[0],
    madeUp: true,
  };
}

async function send(redis: Redis, messages: readonly Message[]): Promise<void> {
  const pipeline = redis.pipeline();
  for (const { id, body } of messages) pipeline.xadd(STREAM, id, 'body', body);
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
}

async function withRedis<T>(redisUrl: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason = '';
  redis.on('error', (error: Error) => (reason = error.message));
  try {
    await redis.connect().catch((error: unknown) => {
      throw new StartError(
        `customs: Redis does not let us in (${reason || (error as Error).message}); check REDIS_URL`,
      );
    });
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}
