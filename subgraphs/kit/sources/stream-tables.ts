import type { DatabaseSync } from 'node:sqlite';
import type { CollectionUse } from '../source-kind.ts';
import { isObject, parseJson } from './json-text.ts';
import { openForRows, quote, RowReader, tableText } from './kept-rows.ts';
import { RecordColumns, type DocumentRecord } from './record-columns.ts';

/** A message of a stream: its id, and its fields and their values one after the other. */
export type StreamMessage = readonly [id: string, fields: readonly string[]];

/** How far a stream was read. */
export interface StreamReport {
  stream: string;
  /** The last message's id; `0-0` before the first. */
  lastId: string;
  /** Messages read. */
  messages: number;
  /** Of those, how many were put aside. */
  aside: number;
  /** Records that were let go of, as there are more than are kept. */
  forgotten: number;
  /** Milliseconds since 1970, of the last time that Redis answered. */
  readAt: number;
  /** Why it is not followed at the moment. */
  fault: string | null;
}

export interface StreamTablesOptions {
  /** Whether of messages with one key the last one counts, or each. */
  keep: 'latest' | 'all';
  /** The field that holds the record as JSON. */
  payload?: string | undefined;
  /** Of each stream. */
  maxRows: number;
}

/** Tables that streams are read into, in a SQLite file of the source's own. */
export interface StreamTables {
  /** Takes messages in, all of them or none. */
  take(stream: string, messages: readonly StreamMessage[]): void;
  /** Forgets a stream's messages, and takes in those that `read` takes until it ends, all of it or nothing. */
  anew(stream: string, read: () => Promise<void>): Promise<void>;
  /** Says that Redis answered, or what is wrong. */
  note(stream: string, fault: string | null): void;
  lastIdOf(stream: string): string;
  reports(): StreamReport[];
  close(): void;
}

/** Messages that were put aside and are listed, the newest of each stream. */
const MAX_LISTED = 1_000;
/** How many messages come before it is looked how many records there are. */
const COUNT_EVERY = 10_000;
/** More than a record of anything has. */
const MAX_RECORD_CHARACTERS = 1_048_576;

const OWN_TABLES = `
  CREATE TABLE "$streams" (stream TEXT PRIMARY KEY NOT NULL, lastId TEXT NOT NULL DEFAULT '0-0', messages INTEGER NOT NULL DEFAULT 0,
    aside INTEGER NOT NULL DEFAULT 0, forgotten INTEGER NOT NULL DEFAULT 0, readAt INTEGER NOT NULL DEFAULT 0, fault TEXT);
  CREATE TABLE "$aside" (number INTEGER PRIMARY KEY, stream TEXT NOT NULL, id TEXT NOT NULL, reason TEXT NOT NULL, isKept INTEGER NOT NULL);
  CREATE INDEX "$aside of stream" ON "$aside" (stream, number);`;
const MESSAGE_COLUMNS =
  '"$number" INTEGER PRIMARY KEY, "$id" TEXT NOT NULL, "$sentAt" TEXT NOT NULL, "$readAt" INTEGER NOT NULL';

export function createStreamTables(
  path: string,
  uses: ReadonlyMap<string, CollectionUse>,
  options: StreamTablesOptions,
): StreamTables {
  const database = openForRows(path);
  database.exec(OWN_TABLES);
  const tables = new Map(
    [...uses].map(([stream, use]) => [stream, new StreamTable(database, stream, { use, options })]),
  );
  const lastId = database.prepare('SELECT lastId FROM "$streams" WHERE stream = ?');
  const note = database.prepare(
    'UPDATE "$streams" SET fault = ?1, readAt = iif(?1 IS NULL, ?2, readAt) WHERE stream = ?3',
  );
  const all = database.prepare('SELECT * FROM "$streams" ORDER BY stream');
  return {
    take: (stream, messages) => together(database, () => tables.get(stream)!.take(messages)),
    async anew(stream, read) {
      database.exec('BEGIN');
      try {
        tables.get(stream)!.clear();
        await read();
        database.exec('COMMIT');
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    note: (stream, fault) => void note.run(fault, Date.now(), stream),
    lastIdOf: (stream) => lastId.get(stream)!['lastId'] as string,
    reports: () => all.all().map((report) => ({ ...report }) as unknown as StreamReport),
    close: () => database.close(),
  };
}

/** In a transaction of its own, unless one is under way. */
function together(database: DatabaseSync, work: () => void): void {
  if (database.isTransaction) return work();
  database.exec('BEGIN');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** One stream's records. */
class StreamTable {
  readonly #database: DatabaseSync;
  readonly #stream: string;
  readonly #options: StreamTablesOptions;
  readonly #rows: RowReader;
  readonly #columns: RecordColumns;
  #uncounted = 0;

  constructor(
    database: DatabaseSync,
    stream: string,
    { use, options }: { use: CollectionUse; options: StreamTablesOptions },
  ) {
    this.#database = database;
    this.#stream = stream;
    this.#options = options;
    this.#rows = new RowReader(use);
    this.#columns = new RecordColumns(this.#rows.columns, use.structures);
    database.exec(tableText(stream, use, MESSAGE_COLUMNS));
    database.prepare('INSERT INTO "$streams" (stream) VALUES (?)').run(stream);
  }

  take(messages: readonly StreamMessage[]): void {
    const [last] = messages.at(-1)!;
    const insert = this.#database.prepare(
      `INSERT OR REPLACE INTO ${quote(this.#stream)} VALUES (NULL, ?, ?, ?${', ?'.repeat(this.#rows.columns.length)})`,
    );
    const readAt = Date.now();
    let aside = 0;
    for (const [id, fields] of messages) {
      const record = this.#recordOf(fields);
      const read = typeof record === 'string' ? { refusal: record } : this.#rows.read(this.#columns.valuesOf(record));
      if ('refusal' in read) aside += 1;
      for (const reason of 'refusal' in read ? [read.refusal] : read.misfits)
        this.#list(id, reason, !('refusal' in read));
      if (!('refusal' in read)) insert.run(id, sentAt(id), readAt, ...read.row);
    }
    this.#database
      .prepare('UPDATE "$streams" SET lastId = ?, messages = messages + ?, aside = aside + ? WHERE stream = ?')
      .run(last, messages.length, aside, this.#stream);
    this.#bound(messages.length);
  }

  clear(): void {
    this.#database.exec(`DELETE FROM ${quote(this.#stream)}`);
    this.#database.prepare('DELETE FROM "$aside" WHERE stream = ?').run(this.#stream);
    this.#database
      .prepare(`UPDATE "$streams" SET lastId = '0-0', messages = 0, aside = 0, forgotten = 0 WHERE stream = ?`)
      .run(this.#stream);
  }

  /** The record of a message, or why it has none. */
  #recordOf(fields: readonly string[]): DocumentRecord | string {
    if (fields.reduce((sum, field) => sum + field.length, 0) > MAX_RECORD_CHARACTERS)
      return `longer than a record may be: ${MAX_RECORD_CHARACTERS} characters`;
    const pairs = Array.from({ length: fields.length / 2 }, (_, at) => [fields[2 * at]!, fields[2 * at + 1]!] as const);
    const { payload } = this.#options;
    // A message has no way to say that there is nothing but a text of nothing.
    if (payload === undefined)
      return Object.fromEntries(pairs.map(([name, value]) => [name, value === '' ? null : value]));
    const text = pairs.find(([name]) => name === payload)?.[1];
    if (text === undefined) return `it has no field ${payload}`;
    const value = parseJson(text);
    return isObject(value) ? value : `its field ${payload} is no JSON object`;
  }

  #list(id: string, reason: string, isKept: boolean): void {
    this.#database
      .prepare('INSERT INTO "$aside" (stream, id, reason, isKept) VALUES (?, ?, ?, ?)')
      .run(this.#stream, id, reason, isKept ? 1 : 0);
    this.#database
      .prepare(
        `DELETE FROM "$aside" WHERE stream = ?1 AND number <= (
           SELECT number FROM "$aside" WHERE stream = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)`,
      )
      .run(this.#stream, MAX_LISTED);
  }

  /** Lets the oldest records go. */
  #bound(added: number): void {
    this.#uncounted += added;
    if (this.#uncounted < Math.min(COUNT_EVERY, this.#options.maxRows)) return;
    this.#uncounted = 0;
    const table = quote(this.#stream);
    const count = Number(this.#database.prepare(`SELECT count(*) AS count FROM ${table}`).get()!['count']);
    const beyond = count - this.#options.maxRows;
    if (beyond <= 0) return;
    this.#database
      .prepare(`DELETE FROM ${table} WHERE "$number" IN (SELECT "$number" FROM ${table} ORDER BY "$number" LIMIT ?)`)
      .run(beyond);
    this.#database
      .prepare('UPDATE "$streams" SET forgotten = forgotten + ? WHERE stream = ?')
      .run(beyond, this.#stream);
  }
}

/** An id begins with the time that Redis took the message at, in milliseconds since 1970. */
function sentAt(id: string): string {
  const ms = Number(id.split('-')[0]);
  // Who writes ids of one's own may write others.
  return ms <= MAX_TIME_MS ? new Date(ms).toISOString() : '';
}

const MAX_TIME_MS = 8.64e15;
