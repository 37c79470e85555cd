import { createHash } from 'node:crypto';
import codeMappings from 'cldr-core/supplemental/codeMappings.json' with { type: 'json' };
import { countries } from 'countries-list';
import type { Client } from 'pg';
import { z } from 'zod';
import { fillPostgres } from '../kit/postgres-seed.ts';
import { makeCrosswalk, type CodeMapping, type CrosswalkRow } from './crosswalk.ts';

/** What the registry holds after seeding. */
export interface TerritoryCounts {
  places: number;
  /** Rows of the crosswalk. */
  codes: number;
  /** Places that no GEC code leads to. */
  withoutGec: number;
}

interface Content {
  places: PlaceRow[];
  codes: CrosswalkRow[];
  withoutGec: number;
}

interface PlaceRow {
  iso: string;
  name: string;
  native_name: string;
  capital: string | null;
  continent: string;
  currencies: string[];
  languages: string[];
  calling_codes: string[];
}

const ADVISORY_LOCK = 4_101_004_101;

// Codes are compared byte by byte (collate "C"), so that their order does not depend on the server's language.
const TABLES = `
  create table territory.seed (digest text not null, places int not null, codes int not null, without_gec int not null);
  create table territory.place (
    iso text collate "C" primary key,
    name text not null,
    native_name text not null,
    capital text,
    continent text not null,
    currencies text[] not null,
    languages text[] not null,
    calling_codes text[] not null
  );
  create index place_continent on territory.place (continent, iso);
  create table territory.place_code (
    system text collate "C" not null,
    code text collate "C" not null,
    iso text collate "C" not null references territory.place,
    method text not null,
    primary key (system, code)
  );
  create index place_code_iso on territory.place_code (iso);
`;

/**
 * Fills the territory registry, in the schema `territory` of a PostgreSQL database. What was made from the same sources
 * is kept as it is; anything else is replaced as a whole, in one transaction.
 *
 * @param databaseUrl a `postgres://` URL whose user may create schemas
 * @throws StartError when the server cannot be reached; the server's own error when it refuses a statement, which it
 *   does where the schema holds tables of these names that no seed made
 */
export async function seedTerritory(databaseUrl: string): Promise<TerritoryCounts> {
  const content = readContent();
  const digest = createHash('sha256').update(TABLES).update(JSON.stringify(content)).digest('hex');
  return fillPostgres({ databaseUrl, fills: 'territory registry', advisoryLock: ADVISORY_LOCK }, async (client) => {
    const standing = await readStanding(client);
    return standing?.digest === digest ? standing.counts : replace(client, content, digest);
  });
}

async function readStanding(client: Client): Promise<{ digest: string; counts: TerritoryCounts } | null> {
  const { rows: tables } = await client.query<{ made: boolean }>(
    `select to_regclass('territory.seed') is not null as made`,
  );
  if (!tables[0]?.made) return null;
  const { rows } = await client.query<{ digest: string; places: number; codes: number; without_gec: number }>(
    'select digest, places, codes, without_gec from territory.seed',
  );
  const [row] = rows;
  const counts = { places: row?.places ?? 0, codes: row?.codes ?? 0, withoutGec: row?.without_gec ?? 0 };
  return { digest: row?.digest ?? '', counts };
}

async function replace(client: Client, content: Content, digest: string): Promise<TerritoryCounts> {
  const counts = { places: content.places.length, codes: content.codes.length, withoutGec: content.withoutGec };
  await client.query('create schema if not exists territory');
  // Only tables that a seed made are dropped: where its mark is missing, somebody else's stand, and creating fails.
  if (await readStanding(client))
    await client.query('drop table territory.place_code, territory.place, territory.seed');
  await client.query(TABLES);
  await client.query(
    `insert into territory.place
     select * from jsonb_to_recordset($1) as place(iso text, name text, native_name text, capital text, continent text,
       currencies text[], languages text[], calling_codes text[])`,
    [JSON.stringify(content.places)],
  );
  await client.query(
    `insert into territory.place_code
     select * from jsonb_to_recordset($1) as place_code(system text, code text, iso text, method text)`,
    [JSON.stringify(content.codes)],
  );
  await client.query('insert into territory.seed values ($1, $2, $3, $4)', [
    digest,
    counts.places,
    counts.codes,
    counts.withoutGec,
  ]);
  return counts;
}

function readContent(): Content {
  const places = Object.entries(countries).map(([iso, country]): PlaceRow => ({
    iso,
    name: country.name,
    native_name: country.native,
    // The source leaves the capital empty where a place has none.
    capital: country.capital || null,
    continent: country.continent,
    currencies: [...country.currency],
    languages: [...country.languages],
    calling_codes: country.phone.map(String),
  }));
  const crosswalk = makeCrosswalk(
    places.map((place) => place.iso),
    readCodeMappings(),
  );
  return { places, codes: crosswalk.rows, withoutGec: crosswalk.withoutGec.length };
}

function readCodeMappings(): Record<string, CodeMapping> {
  const mapping = z.object({
    _numeric: z.string().optional(),
    _alpha3: z.string().optional(),
    _fips10: z.string().optional(),
  });
  return z.record(z.string(), mapping).parse(codeMappings.supplemental.codeMappings);
}
