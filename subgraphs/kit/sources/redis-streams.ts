import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { suggestion } from '../manifest/strict-object.ts';
import { StartError } from '../program.ts';
import type { CollectionShape, RecordSource } from '../record-source.ts';
import type { CollectionUse, SourceContext, SourceKind } from '../source-kind.ts';
import { makeImportFolder } from './import-folder.ts';
import { keptRows } from './kept-structures.ts';
import { sqliteSource } from './sqlite-database.ts';
import { connectTo, StreamFollower } from './stream-follower.ts';
import { createStreamTables } from './stream-tables.ts';

const settings = z.strictObject({
  url: z.string().min(1).describe('a redis:// or rediss:// URL'),
  /** `latest`: of messages with one key the last one counts; `all`: each message is a record, with `$id` as its key. */
  keep: z.enum(['latest', 'all']).default('latest').describe('latest or all'),
  /** Default: the message's own fields are the columns. */
  payload: z.string().min(1).optional().describe('the field of a message that holds its record as JSON'),
  /** What comes beyond lets the oldest go. */
  maxRows: z.int().min(1).max(100_000_000).default(1_000_000).describe('how many records of a stream are kept'),
});
type Settings = z.infer<typeof settings>;

const OWN_COLLECTIONS = ['$streams', '$aside'];

/**
 * Streams of messages in Redis, read from their beginning and followed. A collection is a stream's name; `$streams` lists them with how far they
 * were read, `$aside` the messages that were put aside and values that do not fit, with their ids. While Redis is away what was read is given.
 */
export const redisStreamsKind: SourceKind<Settings> = {
  settings,
  secrets: ['url'],
  converts: true,
  open: openStreams,
};

async function openStreams(given: Settings, context: SourceContext): Promise<RecordSource> {
  const { holds, nameOf, department } = context;
  const streams = [...context.collections].filter(([name]) => !OWN_COLLECTIONS.includes(name));
  const uses = new Map(streams.map(([name, use]) => [name, given.keep === 'all' ? withoutOwnKeys(use) : use]));
  const redis = await connectTo(given.url, { department, setting: nameOf('url') });
  const own = await makeImportFolder();
  const tables = createStreamTables(own.database, uses, given);
  const reader = new DatabaseSync(own.database, { readOnly: true, timeout: 1_000 });
  const follower = new StreamFollower(redis, tables, [...uses.keys()]);
  const close = async (): Promise<void> => {
    await follower.close();
    reader.close();
    tables.close();
    await own.remove();
  };
  try {
    await follower.begin();
  } catch (error) {
    await close();
    throw new StartError(`the ${holds} cannot be read: ${(error as Error).message}`);
  }
  const rows = keptRows(sqliteSource({ database: reader, file: 'Redis', holds, views: {} }), uses);
  return new StreamSource(rows, { uses, stats: () => tables.reports(), close });
}

/** Messages of one key are many records; only by their ids is there one of each. */
function withoutOwnKeys(use: CollectionUse): CollectionUse {
  const isById = (key: readonly string[]): boolean => key.includes('$id');
  return {
    ...use,
    keys: use.keys.filter(isById),
    sought: [...use.sought, ...use.keys.filter((key) => !isById(key))],
  };
}

interface StreamParts {
  uses: ReadonlyMap<string, CollectionUse>;
  stats(): unknown;
  close(): Promise<void>;
}

/** The streams as a source: questions go to the tables that they were read into. */
class StreamSource implements RecordSource {
  readonly #rows: RecordSource;
  readonly #parts: StreamParts;

  constructor(rows: RecordSource, parts: StreamParts) {
    this.#rows = rows;
    this.#parts = parts;
  }

  async describe(collection: string): Promise<CollectionShape> {
    const known = [...this.#parts.uses.keys(), ...OWN_COLLECTIONS];
    if (!known.includes(collection)) throw new StartError(`there is no ${collection}${suggestion(collection, known)}`);
    return this.#rows.describe(collection);
  }

  refusalOf(): undefined {
    return undefined;
  }

  byKeys(...asked: Parameters<RecordSource['byKeys']>) {
    return this.#rows.byKeys(...asked);
  }

  related(...asked: Parameters<RecordSource['related']>) {
    return this.#rows.related(...asked);
  }

  page(...asked: Parameters<RecordSource['page']>) {
    return this.#rows.page(...asked);
  }

  stats(): Record<string, unknown> {
    return { streams: this.#parts.stats() };
  }

  close(): Promise<void> {
    return this.#parts.close();
  }
}
