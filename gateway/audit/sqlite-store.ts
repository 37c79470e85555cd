import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { ChainEnd } from './chain.ts';
import type { SignedText } from '../keys/signer.ts';
import { mayHold, type NameBlock } from './name-block.ts';
import { SQLITE_SCHEMA } from './sqlite-schema.ts';
import {
  END_OF_TIME,
  type Batch,
  type NumberedText,
  type PruneNote,
  type StoredChain,
  type StoredEnd,
  type StoredSeal,
  type StoreOptions,
  type Stretch,
  type TrailStore,
} from './store.ts';
import type { StoredTimeStamp } from './time-stamps/time-stamp.ts';

/**
 * FULL: a commit is on the disk when it returns; in this journal mode NORMAL would wait for the next checkpoint. Large pages, as two records
 * do not fit into one of 4 KiB, and a checkpoint every 64 MiB: measured together a third less CPU and time a record.
 */
const PRAGMAS = `
  PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 4000;
  PRAGMA synchronous = FULL; PRAGMA fullfsync = 1;`;

/**
 * Opens the trail in an SQLite file. Every call is done before it returns, the wait for the disk included: for a thread or a command of
 * its own, never for the gateway's event loop.
 */
export function openSqliteStore(file: string, { readOnly = false, timeoutMs }: StoreOptions): TrailStore {
  if (!readOnly) mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  const database = new DatabaseSync(file, { readOnly, timeout: timeoutMs });
  try {
    if (!readOnly) {
      database.exec(PRAGMAS);
      database.exec(`BEGIN IMMEDIATE; ${SQLITE_SCHEMA} COMMIT;`);
    }
    return new SqliteStore(file, database);
  } catch (error) {
    database.close();
    throw error;
  }
}

class SqliteStore implements TrailStore {
  readonly description: string;
  readonly isDurable = true;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string, database: DatabaseSync) {
    this.description = `SQLite ${file}`;
    this.#database = database;
  }

  async append({ chain, records, seals, block }: Batch): Promise<void> {
    this.#write(() => {
      const addRecord = this.#prepare('INSERT INTO trail_records (chain, seq, hash, text) VALUES (?, ?, ?, ?)');
      for (const { seq, hash, text } of records) addRecord.run(chain, seq, hash, text);
      const addSeal = this.#prepare(
        'INSERT INTO trail_seals (chain, number, last, text, signature) VALUES (?, ?, ?, ?, ?)',
      );
      for (const { number, last, text, signature } of seals) addSeal.run(chain, number, last, text, signature);
      if (!block) return;
      const addBlock = 'INSERT INTO trail_blocks (chain, first, last, since, until, filter) VALUES (?, ?, ?, ?, ?, ?)';
      const { first, last, since, until, filter } = block;
      this.#prepare(addBlock).run(chain, first, last, since, until, filter);
    });
  }

  async addKeys(announcements: readonly SignedText[]): Promise<void> {
    this.#write(() => {
      const add = this.#prepare('INSERT OR IGNORE INTO trail_keys (text, signature) VALUES (?, ?)');
      for (const { text, signature } of announcements) add.run(text, signature);
    });
  }

  async keys(): Promise<readonly SignedText[]> {
    return this.#all<SignedText>('SELECT text, signature FROM trail_keys ORDER BY rowid');
  }

  async end(chain: string): Promise<StoredEnd | undefined> {
    const seal = this.#all<{ number: number }>(
      'SELECT number FROM trail_seals WHERE chain = ? ORDER BY number DESC LIMIT 1',
      chain,
    )[0];
    const record = this.#all<NumberedText>(
      'SELECT seq, hash FROM trail_records WHERE chain = ? ORDER BY seq DESC LIMIT 1',
      chain,
    )[0];
    if (!seal && !record) return undefined;
    return { chain, seal: seal?.number ?? -1, seq: record?.seq ?? 0, hash: record?.hash ?? '' };
  }

  async ends(limit: number): Promise<readonly ChainEnd[]> {
    return this.#all<ChainEnd>(
      `SELECT chain, seq, hash FROM trail_records
       JOIN (SELECT chain, max(rowid) AS newest FROM trail_seals GROUP BY chain) USING (chain)
       WHERE seq = (SELECT max(seq) FROM trail_records AS all_records WHERE all_records.chain = trail_records.chain)
       ORDER BY newest DESC LIMIT ?`,
      limit,
    );
  }

  async chains(): Promise<readonly StoredChain[]> {
    return this.#all<StoredChain>(
      `SELECT chain, sum(records) AS records, sum(seals) AS seals FROM (
         SELECT chain, count(*) AS records, 0 AS seals, NULL AS oldest FROM trail_records GROUP BY chain
         UNION ALL SELECT chain, 0, count(*), min(rowid) FROM trail_seals GROUP BY chain
       ) GROUP BY chain ORDER BY min(oldest) NULLS FIRST, chain`,
    );
  }

  async records(chain: string, after: number, limit: number): Promise<readonly NumberedText[]> {
    return this.#all<NumberedText>(
      'SELECT seq, hash, text FROM trail_records WHERE chain = ? AND seq > ? ORDER BY seq LIMIT ?',
      ...[chain, after, limit],
    );
  }

  async seals(chain: string, after: number, limit: number): Promise<readonly StoredSeal[]> {
    return this.#all<StoredSeal>(
      'SELECT number, last, text, signature FROM trail_seals WHERE chain = ? AND number > ? ORDER BY number LIMIT ?',
      ...[chain, after, limit],
    );
  }

  async addTimeStamp(chain: string, { seal, text, signature }: StoredTimeStamp): Promise<void> {
    this.#write(() => {
      const add = 'INSERT OR IGNORE INTO trail_time_stamps (chain, seal, text, signature) VALUES (?, ?, ?, ?)';
      this.#prepare(add).run(chain, seal, text, signature);
    });
  }

  async timeStamps(chain: string, after: number, limit: number): Promise<readonly StoredTimeStamp[]> {
    return this.#all<StoredTimeStamp>(
      'SELECT seal, text, signature FROM trail_time_stamps WHERE chain = ? AND seal > ? ORDER BY seal LIMIT ?',
      ...[chain, after, limit],
    );
  }

  async stretches(probes: readonly number[], { since, until }: { since: string; until?: string }): Promise<Stretch[]> {
    const found: Stretch[] = this.#all<{ chain: string; after: number }>(
      `SELECT chain, coalesce((SELECT max(last) FROM trail_blocks WHERE trail_blocks.chain = of_chain.chain), 0) AS after
       FROM (SELECT DISTINCT chain FROM trail_seals) AS of_chain`,
    ).map(({ chain, after }) => ({ chain, first: after + 1, last: Number.MAX_SAFE_INTEGER, until: END_OF_TIME }));
    const blocks = this.#prepare(
      'SELECT chain, first, last, until, filter FROM trail_blocks WHERE until >= ? AND since <= ?',
    ).iterate(since, until ?? END_OF_TIME) as Iterable<unknown> as Iterable<Stretch & { filter: Uint8Array }>;
    for (const { filter, ...stretch } of blocks) if (mayHold(filter, probes)) found.push(stretch);
    return found;
  }

  async scan({ chain, first, last }: Stretch, needle: string): Promise<readonly string[]> {
    return this.#all<{ text: string }>(
      'SELECT text FROM trail_records WHERE chain = ? AND seq BETWEEN ? AND ? AND instr(text, ?) > 0',
      ...[chain, first, last, needle],
    ).map(({ text }) => text);
  }

  async blocks(chain: string, after: number, limit: number): Promise<readonly NameBlock[]> {
    return this.#all<NameBlock>(
      `SELECT first, last, since, until, filter FROM trail_blocks WHERE chain = ? AND last > ? ORDER BY last LIMIT ?`,
      ...[chain, after, limit],
    );
  }

  async notes(): Promise<readonly SignedText[]> {
    return this.#all<SignedText>('SELECT text, signature FROM trail_notes ORDER BY rowid');
  }

  async prune({ chain, seal, seq }: PruneNote, { text, signature }: SignedText): Promise<void> {
    this.#write(() => {
      const add = 'INSERT INTO trail_notes (chain, seal, seq, text, signature) VALUES (?, ?, ?, ?, ?)';
      this.#prepare(add).run(chain, seal, seq, text, signature);
      this.#prepare('DELETE FROM trail_blocks WHERE chain = ? AND last <= ?').run(chain, seq);
      this.#prepare('DELETE FROM trail_records WHERE chain = ? AND seq <= ?').run(chain, seq);
      this.#prepare('DELETE FROM trail_time_stamps WHERE chain = ? AND seal <= ?').run(chain, seal);
      this.#prepare('DELETE FROM trail_seals WHERE chain = ? AND number <= ?').run(chain, seal);
    });
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #write(work: () => void): void {
    // Taken at once: a transaction that begins with reading may have to give up when it comes to write.
    this.#prepare('BEGIN IMMEDIATE').run();
    try {
      work();
      this.#prepare('COMMIT').run();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as unknown as Row[];
  }
}
