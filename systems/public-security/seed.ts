import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import type { PersonRecord } from '../city/records.ts';
import { fillPostgres } from '../kit/postgres-seed.ts';

const ADVISORY_LOCK = 4_111_004_111;

const TABLES = `
  create table public_security.seed (digest text not null);
  create table public_security.person (
    pid text collate "C" primary key,
    name text not null,
    birth_date date not null,
    id_number text collate "C" not null unique,
    address text not null,
    synthetic boolean not null
  );
`;

/**
 * Fills the register of persons, in the schema `public_security` of a PostgreSQL database. A register made from the same
 * records is kept as it is; any other is replaced as a whole, in one transaction.
 *
 * @param databaseUrl a `postgres://` URL whose user may create schemas
 * @throws StartError when the server cannot be reached
 */
export async function seedPublicSecurity(
  databaseUrl: string,
  people: readonly PersonRecord[],
): Promise<{ /** Persons in the register. */ people: number }> {
  const digest = createHash('sha256').update(TABLES).update(JSON.stringify(people)).digest('hex');
  return fillPostgres({ databaseUrl, fills: 'register of persons', advisoryLock: ADVISORY_LOCK }, async (client) => {
    if ((await readDigest(client)) !== digest) await replace(client, people, digest);
    return { people: people.length };
  });
}

/** The digest of the records the standing register was made from; null where none stands. */
async function readDigest(client: Client): Promise<string | null> {
  const { rows: tables } = await client.query<{ made: boolean }>(
    `select to_regclass('public_security.seed') is not null as made`,
  );
  if (!tables[0]?.made) return null;
  const { rows } = await client.query<{ digest: string }>('select digest from public_security.seed');
  return rows[0]?.digest ?? '';
}

async function replace(client: Client, people: readonly PersonRecord[], digest: string): Promise<void> {
  await client.query('create schema if not exists public_security');
  // Only tables that a seed made are dropped: where its mark is missing, somebody else's stand, and creating fails.
  if ((await readDigest(client)) !== null)
    await client.query('drop table public_security.person, public_security.seed');
  await client.query(TABLES);
  await client.query(
    `insert into public_security.person
     select pid, name, "birthDate", "idNumber", address, true
     from jsonb_to_recordset($1) as person(pid text, name text, "birthDate" date, "idNumber" text, address text)`,
    [JSON.stringify(people)],
  );
  await client.query('insert into public_security.seed values ($1)', [digest]);
}
