import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import type { CityRecords, MarketRecord } from '../city/records.ts';
import { fillPostgres } from '../kit/postgres-seed.ts';

/** What the register holds after seeding. */
export interface MarketCounts {
  enterprises: number;
}

/** The day that the bulletin is of. */
const BULLETIN_DAY = '2026-09-30';

/** What the bureau works out of its register and publishes; from then on it is a text of its own, like any publication. */
const BULLETIN = `
  insert into market.bulletin_figure
  select 'active-enterprises:' || industry || ':${BULLETIN_DAY}', 'active-enterprises', 'Active enterprises',
    'Enterprises of a section of the industry classification that are active.', industry, '${BULLETIN_DAY}', count(*),
    'enterprises', true
  from market.enterprise where status = 'ACTIVE' and industry is not null group by industry
  union all
  select 'registered-capital:' || substr(uscc, 3, 6) || ':${BULLETIN_DAY}', 'registered-capital', 'Registered capital',
    'Registered capital of the active enterprises that a district registered.', substr(uscc, 3, 6), '${BULLETIN_DAY}',
    sum(registered_capital_cny), 'CNY', true
  from market.enterprise where status = 'ACTIVE' group by substr(uscc, 3, 6)`;

const ADVISORY_LOCK = 4_105_004_105;

/** Enterprises in one statement: some hundred kilobytes. */
const ROWS_PER_STATEMENT = 2_000;

// Codes are compared byte by byte (collate "C"), so that their order does not depend on the server's language.
const TABLES = `
  create table market.seed (digest text not null, enterprises int not null);
  create table market.enterprise (
    uscc text collate "C" primary key,
    reg_no text collate "C" not null unique,
    name text not null,
    status text not null,
    industry text,
    registered_capital_cny numeric(18, 2),
    registered_address text,
    established_on date,
    legal_representative_pid text collate "C",
    synthetic boolean not null
  );
  create table market.shareholder (
    enterprise_uscc text collate "C" not null references market.enterprise,
    place int not null,
    name text not null,
    share_percent numeric(6, 3) not null,
    holder_uscc text collate "C",
    primary key (enterprise_uscc, place)
  );
  create table market.bulletin_figure (
    figure_id text collate "C" primary key,
    indicator text collate "C" not null,
    name text not null,
    definition text not null,
    part text collate "C" not null,
    period text not null,
    value numeric(24, 2),
    unit text not null,
    synthetic boolean not null
  );
  create index enterprise_legal_representative on market.enterprise (legal_representative_pid);
  create index shareholder_holder on market.shareholder (holder_uscc);
`;

/**
 * Fills the enterprise register, in the schema `market` of a PostgreSQL database. A register made from the same
 * records is kept as it is; any other is replaced as a whole, in one transaction.
 *
 * @param databaseUrl a `postgres://` URL whose user may create schemas
 * @throws StartError when the server cannot be reached; the server's own error when it refuses a statement, which it
 *   does where the schema holds tables of these names that no seed made
 */
export async function seedMarket(
  databaseUrl: string,
  records: Pick<CityRecords, 'enterprises'>,
): Promise<MarketCounts> {
  const { enterprises } = records;
  const digest = createHash('sha256').update(TABLES).update(BULLETIN).update(JSON.stringify(enterprises)).digest('hex');
  return fillPostgres({ databaseUrl, fills: 'market register', advisoryLock: ADVISORY_LOCK }, async (client) => {
    if ((await readDigest(client)) !== digest) await replace(client, enterprises, digest);
    return { enterprises: enterprises.length };
  });
}

/** The digest of the records the standing register was made from; null where none stands. */
async function readDigest(client: Client): Promise<string | null> {
  const { rows: tables } = await client.query<{ made: boolean }>(
    `select to_regclass('market.seed') is not null as made`,
  );
  if (!tables[0]?.made) return null;
  const { rows } = await client.query<{ digest: string }>('select digest from market.seed');
  return rows[0]?.digest ?? '';
}

async function replace(client: Client, enterprises: readonly MarketRecord[], digest: string): Promise<void> {
  await client.query('create schema if not exists market');
  // Only tables that a seed made are dropped: where its mark is missing, somebody else's stand, and creating fails.
  if ((await readDigest(client)) !== null) {
    await client.query(
      'drop table if exists market.bulletin_figure, market.shareholder, market.enterprise, market.seed',
    );
  }
  await client.query(TABLES);
  for (let at = 0; at < enterprises.length; at += ROWS_PER_STATEMENT) {
    await insert(client, enterprises.slice(at, at + ROWS_PER_STATEMENT));
  }
  await client.query(BULLETIN);
  await client.query('insert into market.seed values ($1, $2)', [digest, enterprises.length]);
  await client.query('analyze market.enterprise, market.shareholder');
}

async function insert(client: Client, enterprises: readonly MarketRecord[]): Promise<void> {
  await client.query(
    `insert into market.enterprise
     select uscc, "regNo", name, status, industry, "registeredCapitalCny", "registeredAddress", "establishedOn",
       "legalRepresentativePid", true
     from jsonb_to_recordset($1) as enterprise(uscc text, "regNo" text, name text, status text, industry text,
       "registeredCapitalCny" numeric, "registeredAddress" text, "establishedOn" date, "legalRepresentativePid" text)`,
    [JSON.stringify(enterprises)],
  );
  const shareholders = enterprises.flatMap(({ uscc, shareholders: holders }) =>
    holders.map((holder, place) => ({ uscc, place, ...holder })),
  );
  await client.query(
    `insert into market.shareholder
     select uscc, place, name, "sharePercent", "enterpriseUscc"
     from jsonb_to_recordset($1) as holder(uscc text, place int, name text, "sharePercent" numeric,
       "enterpriseUscc" text)`,
    [JSON.stringify(shareholders)],
  );
}
