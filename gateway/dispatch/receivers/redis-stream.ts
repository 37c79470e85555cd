import { once } from 'node:events';
import { ReplyError, type Cluster, type Redis } from 'ioredis';
import { connectRedis } from '../../cache/redis-connection.ts';
import type { ReceiverConfigOf } from '../../config/dispatch-receivers.ts';
import { DeliveryError, receiptFor, withinSignal, type Delivery, type Receipt, type Receiver } from '../delivery.ts';
import { keyColumnsOf, recordText } from './record-text.ts';

type Settings = ReceiverConfigOf<'redis-stream'>;

/**
 * Adds entries to the stream, unless the marker says that they are there: a script is carried out whole or not at all. Gives what the marker
 * says. Fields that all entries have come as pairs, then each entry's change and row.
 */
const ADD_ONCE = `
local known = redis.call('GET', KEYS[2])
if known then return known end
local shared = cjson.decode(ARGV[4])
for at = 5, #ARGV, 2 do
  local fields = { 'change', ARGV[at] }
  if ARGV[at + 1] ~= '' then fields[3] = 'row' fields[4] = ARGV[at + 1] end
  for _, text in ipairs(shared) do fields[#fields + 1] = text end
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', unpack(fields))
end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
return ARGV[1]
`;

/** The script, as ioredis adds it. */
interface StreamCommands {
  switchyardDeliver(...keysAndArguments: (string | number)[]): Promise<string>;
}

/** What Redis remembers of a delivery. */
type Marker = Pick<Receipt, 'digest' | 'takenAt'>;

/**
 * A stream of Redis. Each row is an entry: `change` (`UPSERT`, `REMOVED`), `row` (the row, or its key, as JSON), `dispatch`, `run`, `part`, `content` and
 * `idempotency-key`; the last part of a run ends with an entry whose `change` is `END`, by which readers of full runs know that what they were
 * not told of is no more. The kit's source reads it with `payload: row`.
 *
 * Redis answers before it has written to disk or to replicas: what it had answered for is lost where it then dies or a replica takes
 * over, by its own settings (`appendfsync always` loses nothing of one server). A receipt says what Redis said, and no more.
 *
 * @throws ConfigError where a file of certificates cannot be read
 */
export function openRedisStream(settings: Settings): Receiver {
  const redis = connectRedis(settings, settings.timeoutMs);
  redis.defineCommand('switchyardDeliver', { numberOfKeys: 2, lua: ADD_ONCE });
  // It goes on trying by itself; a delivery says what is wrong.
  redis.on('error', () => undefined);
  const description = `stream ${settings.stream} of Redis ${placeOf(settings)}`;
  return {
    description,
    deliver: (delivery, signal) =>
      withinSignal(add(redis, delivery, { settings, description, signal }).catch(deliveryErrorOf), signal),
    async close() {
      redis.disconnect();
    },
  };
}

/** Without who asks, and with what password. */
function placeOf({ redisUrl, redisSentinel, redisCluster }: Settings): string {
  if (redisSentinel) return redisSentinel.master;
  return (redisCluster ?? [redisUrl!]).map((url) => new URL(url).host).join(', ');
}

interface Adding {
  settings: Settings;
  description: string;
  signal: AbortSignal;
}

async function add(
  redis: Redis | Cluster,
  delivery: Delivery,
  { settings, description, signal }: Adding,
): Promise<Receipt> {
  const { stream, keepDays, maxLength } = settings;
  const receipt = receiptFor(delivery, description);
  const own: Marker = { digest: receipt.digest, takenAt: receipt.takenAt };
  const entries = entriesOf(delivery);
  // In the stream's slot of a cluster.
  const marker = `${stream.includes('{') ? stream : `{${stream}}`}:taken:${delivery.idempotencyKey}`;
  // Rejects with what goes wrong meanwhile.
  if (redis.status !== 'ready') await once(redis, 'ready', { signal });
  const known = JSON.parse(
    await (redis as unknown as StreamCommands).switchyardDeliver(
      ...[stream, marker, JSON.stringify(own), keepDays * 86_400, maxLength, sharedFields(delivery), ...entries],
    ),
  ) as Marker;
  if (known.digest !== own.digest)
    throw new DeliveryError('DELIVERY_CONFLICT', `${delivery.idempotencyKey} was taken with other content.`);
  return { ...receipt, takenAt: known.takenAt };
}

function sharedFields({ dispatch, run, part, content, idempotencyKey }: Delivery): string {
  return JSON.stringify(
    Object.entries({
      dispatch,
      run: String(run),
      part: String(part),
      content,
      'idempotency-key': idempotencyKey,
    }).flat(),
  );
}

/** Change and row of each entry, one after the other. */
function entriesOf(delivery: Delivery): string[] {
  const { columns, rows, removed, isLast } = delivery;
  const keyColumns = keyColumnsOf(delivery);
  return [
    ...rows.flatMap((row) => ['UPSERT', recordText(columns, row)]),
    ...removed.flatMap((row) => ['REMOVED', recordText(keyColumns, row)]),
    ...(isLast ? ['END', ''] : []),
  ];
}

/** @throws DeliveryError always */
function deliveryErrorOf(error: unknown): never {
  if (error instanceof DeliveryError) throw error;
  const { message } = error as Error;
  if (message === 'Command timed out') throw new DeliveryError('RECEIVER_TIMEOUT', '', { cause: error });
  if (!(error instanceof ReplyError)) throw new DeliveryError('RECEIVER_UNAVAILABLE', message, { cause: error });
  const [kind = ''] = message.split(' ', 1);
  const isRefusal = ['WRONGTYPE', 'NOPERM', 'NOAUTH', 'WRONGPASS'].some((each) => message.includes(each));
  // Not its error, which has the rows.
  throw new DeliveryError(isRefusal ? 'RECEIVER_REFUSED' : 'RECEIVER_FAILED', `Redis says ${kind}.`);
}
