import pg from 'pg';
import type { ChainEnd } from './chain.ts';
import type { SignedText } from '../keys/signer.ts';
import type { NameBlock } from './name-block.ts';
import { POSTGRES_SCHEMA } from './postgres-schema.ts';
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

/** Lists come as texts that are taken apart there: no line end can stand in JSON, and arrays of texts would have to be escaped. */
const APPEND = `
WITH added_records AS (
  INSERT INTO trail_records (chain, seq, hash, text)
  SELECT $1, $2::bigint + place - 1, hash, text
  FROM unnest(string_to_array($3, ' '), string_to_array($4, E'\\n')) WITH ORDINALITY AS each (hash, text, place)
), added_seals AS (
  INSERT INTO trail_seals (chain, number, last, text, signature)
  SELECT $1, $5::bigint + place - 1, last::bigint, text, signature
  FROM unnest(string_to_array($6, ' '), string_to_array($7, E'\\n'), string_to_array($8, ' '))
    WITH ORDINALITY AS each (last, text, signature, place)
  ORDER BY place
)
INSERT INTO trail_blocks (chain, first, last, since, until, filter)
SELECT $1, $9::bigint, $10::bigint, $11, $12, $13::bytea WHERE $13::bytea IS NOT NULL`;

/** @throws pg's errors, and Error where the address is none */
export async function openPostgresStore(
  url: string,
  { readOnly = false, timeoutMs }: StoreOptions,
): Promise<TrailStore> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 2,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'switchyard trail',
    // A commit is on the disk when it returns, whatever the server does for others.
    options: '-c synchronous_commit=on',
  });
  // A connection that is lost while nobody uses it: the next query gets another one, or says why not.
  pool.on('error', () => undefined);
  try {
    if (!readOnly) await inTransaction(pool, (client) => client.query(POSTGRES_SCHEMA));
    const { rows } = await pool.query<{ fsync: string }>('SHOW fsync');
    return new PostgresStore(pool, describe(url), rows[0]?.fsync === 'on');
  } catch (error) {
    await pool.end();
    throw error;
  }
}

function describe(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `PostgreSQL ${hostname}:${port || '5432'}${pathname}`;
}

async function inTransaction(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<unknown>): Promise<void> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('BEGIN');
    await work(client);
    await client.query('COMMIT');
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    // One that failed is not used again: closing it takes back what it began.
    client.release(failure);
  }
}

class PostgresStore implements TrailStore {
  readonly description: string;
  readonly isDurable: boolean;
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool, description: string, isDurable: boolean) {
    this.#pool = pool;
    this.description = description;
    this.isDurable = isDurable;
  }

  async append({ chain, records, seals, block }: Batch): Promise<void> {
    const values = [
      chain,
      records[0]?.seq ?? 0,
      records.map(({ hash }) => hash).join(' '),
      records.map(({ text }) => text).join('\n'),
      seals[0]?.number ?? 0,
      seals.map(({ last }) => last).join(' '),
      seals.map(({ text }) => text).join('\n'),
      seals.map(({ signature }) => signature).join(' '),
      ...[block?.first, block?.last, block?.since, block?.until, block?.filter].map((value) => value ?? null),
    ];
    await this.#pool.query({ name: 'append', text: APPEND, values });
  }

  async addKeys(announcements: readonly SignedText[]): Promise<void> {
    for (const { text, signature } of announcements)
      await this.#pool.query('INSERT INTO trail_keys (text, signature) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        text,
        signature,
      ]);
  }

  async keys(): Promise<readonly SignedText[]> {
    return this.#all<SignedText>('SELECT text, signature FROM trail_keys ORDER BY id');
  }

  async end(chain: string): Promise<StoredEnd | undefined> {
    const [end] = await this.#all<StoredEnd>(
      `SELECT $1 AS chain, coalesce(seal.number, -1)::float8 AS seal, coalesce(record.seq, 0)::float8 AS seq,
         coalesce(record.hash, '') AS hash
       FROM (SELECT max(number) AS number FROM trail_seals WHERE chain = $1) AS seal
       LEFT JOIN (SELECT seq, hash FROM trail_records WHERE chain = $1 ORDER BY seq DESC LIMIT 1) AS record ON true
       WHERE seal.number IS NOT NULL OR record.seq IS NOT NULL`,
      chain,
    );
    return end;
  }

  async ends(limit: number): Promise<readonly ChainEnd[]> {
    return this.#all<ChainEnd>(
      `SELECT chain, record.seq::float8 AS seq, record.hash
       FROM (SELECT chain, max(id) AS newest FROM trail_seals GROUP BY chain) AS chains
       CROSS JOIN LATERAL (
         SELECT seq, hash FROM trail_records WHERE chain = chains.chain ORDER BY seq DESC LIMIT 1
       ) AS record ORDER BY newest DESC LIMIT $1`,
      limit,
    );
  }

  async chains(): Promise<readonly StoredChain[]> {
    return this.#all<StoredChain>(
      `SELECT chain, sum(records)::float8 AS records, sum(seals)::float8 AS seals FROM (
         SELECT chain, count(*) AS records, 0 AS seals, NULL AS oldest FROM trail_records GROUP BY chain
         UNION ALL SELECT chain, 0, count(*), min(id) FROM trail_seals GROUP BY chain
       ) AS counted GROUP BY chain ORDER BY min(oldest) NULLS FIRST, chain`,
    );
  }

  async records(chain: string, after: number, limit: number): Promise<readonly NumberedText[]> {
    return this.#all<NumberedText>(
      `SELECT seq::float8 AS seq, hash, text FROM trail_records WHERE chain = $1 AND trail_records.seq > $2
       ORDER BY trail_records.seq LIMIT $3`,
      ...[chain, after, limit],
    );
  }

  async seals(chain: string, after: number, limit: number): Promise<readonly StoredSeal[]> {
    return this.#all<StoredSeal>(
      `SELECT number::float8 AS number, last::float8 AS last, text, signature FROM trail_seals
       WHERE chain = $1 AND trail_seals.number > $2 ORDER BY trail_seals.number LIMIT $3`,
      ...[chain, after, limit],
    );
  }

  async addTimeStamp(chain: string, { seal, text, signature }: StoredTimeStamp): Promise<void> {
    const add =
      'INSERT INTO trail_time_stamps (chain, seal, text, signature) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING';
    await this.#pool.query(add, [chain, seal, text, signature]);
  }

  async timeStamps(chain: string, after: number, limit: number): Promise<readonly StoredTimeStamp[]> {
    return this.#all<StoredTimeStamp>(
      `SELECT seal::float8 AS seal, text, signature FROM trail_time_stamps
       WHERE chain = $1 AND trail_time_stamps.seal > $2 ORDER BY trail_time_stamps.seal LIMIT $3`,
      ...[chain, after, limit],
    );
  }

  async stretches(
    probes: readonly number[],
    { since, until }: { since: string; until?: string },
  ): Promise<readonly Stretch[]> {
    const ends = await this.#all<{ chain: string; after: number }>(
      `SELECT chain, coalesce((SELECT max(last) FROM trail_blocks WHERE trail_blocks.chain = chains.chain), 0)::float8 AS after
       FROM (SELECT DISTINCT chain FROM trail_seals) AS chains`,
    );
    const blocks = await this.#all<Stretch>(
      `SELECT chain, first::float8 AS first, last::float8 AS last, until FROM trail_blocks
       WHERE until >= $1 AND since <= $2 AND coalesce((
         SELECT bool_and(get_bit(filter, probe % (octet_length(filter)::bigint * 8)) = 1) FROM unnest($3::bigint[]) AS probe
       ), true)`,
      ...[since, until ?? END_OF_TIME, probes],
    );
    const tails = ends.map(({ chain, after }) => ({
      chain,
      first: after + 1,
      last: Number.MAX_SAFE_INTEGER,
      until: END_OF_TIME,
    }));
    return [...tails, ...blocks];
  }

  async scan({ chain, first, last }: Stretch, needle: string): Promise<readonly string[]> {
    const rows = await this.#all<{ text: string }>(
      'SELECT text FROM trail_records WHERE chain = $1 AND seq BETWEEN $2 AND $3 AND position($4 IN text) > 0',
      ...[chain, first, last, needle],
    );
    return rows.map(({ text }) => text);
  }

  async blocks(chain: string, after: number, limit: number): Promise<readonly NameBlock[]> {
    return this.#all<NameBlock>(
      `SELECT first::float8 AS first, last::float8 AS last, since, until, filter FROM trail_blocks
       WHERE chain = $1 AND trail_blocks.last > $2 ORDER BY trail_blocks.last LIMIT $3`,
      ...[chain, after, limit],
    );
  }

  async notes(): Promise<readonly SignedText[]> {
    return this.#all<SignedText>('SELECT text, signature FROM trail_notes ORDER BY id');
  }

  async prune({ chain, seal, seq }: PruneNote, { text, signature }: SignedText): Promise<void> {
    await inTransaction(this.#pool, async (client) => {
      const add = 'INSERT INTO trail_notes (chain, seal, seq, text, signature) VALUES ($1, $2, $3, $4, $5)';
      await client.query(add, [chain, seal, seq, text, signature]);
      await client.query('DELETE FROM trail_blocks WHERE chain = $1 AND last <= $2', [chain, seq]);
      await client.query('DELETE FROM trail_records WHERE chain = $1 AND seq <= $2', [chain, seq]);
      await client.query('DELETE FROM trail_time_stamps WHERE chain = $1 AND seal <= $2', [chain, seal]);
      await client.query('DELETE FROM trail_seals WHERE chain = $1 AND number <= $2', [chain, seal]);
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #all<Row extends pg.QueryResultRow>(sql: string, ...values: unknown[]): Promise<Row[]> {
    return (await this.#pool.query<Row>(sql, values)).rows;
  }
}
