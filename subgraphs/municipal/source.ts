import { existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { systemUnavailable } from '../kit/faults.ts';
import { StartError } from '../kit/program.ts';

/** A city of the register. */
export interface CityRow {
  id: string;
  name: string;
  asciiName: string;
  iso: string;
  adminName: string | null;
  /** `primary`, `admin`, `minor`, or null. */
  capital: string | null;
  population: number | null;
  latitudeDeg: number;
  longitudeDeg: number;
}

/** The largest cities of a place. */
export interface LargestQuery {
  iso: string;
  /** How many at most. */
  first: number;
}

/** What the register counts for a place that has cities in it. */
export interface PlaceTotals {
  iso: string;
  cities: number;
  /** Null where no city's population is given. */
  population: number | null;
}

/** The municipal register. Every question is one statement; each may fail with `SYSTEM_UNAVAILABLE`. */
export interface MunicipalRegister {
  /** Cities by number, in no order. */
  citiesById(ids: readonly string[]): CityRow[];
  /** Totals of the places among these that have cities. */
  totals(isoCodes: readonly string[]): PlaceTotals[];
  /** The answers to several questions in one list, largest cities first within each. */
  largestCities(queries: readonly LargestQuery[]): (CityRow & { first: number })[];
  /** Cities whose name in ASCII letters begins with this text, largest first. */
  citiesByName(asciiPrefix: string, first: number): CityRow[];
  close(): void;
}

const CITY_COLUMNS = `id, name, ascii_name AS asciiName, iso, admin_name AS adminName, capital, population,
  latitude_deg AS latitudeDeg, longitude_deg AS longitudeDeg`;
const LARGEST_FIRST = 'population DESC NULLS LAST, id';

const BY_ID = `SELECT ${CITY_COLUMNS} FROM city WHERE id IN (SELECT value FROM json_each(?))`;
const TOTALS = `SELECT iso, count(*) AS cities, sum(population) AS population FROM city
  WHERE iso IN (SELECT value FROM json_each(?)) GROUP BY iso`;
const LARGEST = `
  WITH asked AS (SELECT value ->> 'iso' AS iso, value ->> 'first' AS first FROM json_each(?)),
    ranked AS (
      SELECT *, row_number() OVER (PARTITION BY iso ORDER BY ${LARGEST_FIRST}) AS rank
      FROM city WHERE iso IN (SELECT iso FROM asked)
    )
  SELECT ${CITY_COLUMNS}, first FROM ranked JOIN asked USING (iso) WHERE rank <= first ORDER BY iso, first, rank`;
const BY_NAME = `SELECT ${CITY_COLUMNS} FROM city WHERE search_name LIKE ? ESCAPE '\\' ORDER BY ${LARGEST_FIRST} LIMIT ?`;

/**
 * Opens the register's file for reading.
 * @throws StartError when it does not exist or holds no register
 */
export function openRegister(file: string): MunicipalRegister {
  if (!existsSync(file)) throw new StartError(`${file} does not exist; npm start makes it`);
  const { database, byId, totals, largest, byName } = open(file);
  return {
    citiesById: (ids) => ask<CityRow>(byId, JSON.stringify(ids)),
    totals: (isoCodes) => ask<PlaceTotals>(totals, JSON.stringify(isoCodes)),
    largestCities: (queries) => ask<CityRow & { first: number }>(largest, JSON.stringify(queries)),
    citiesByName: (asciiPrefix, first) => ask<CityRow>(byName, `${asciiPrefix.replaceAll(/[\\%_]/g, '\\$&')}%`, first),
    close: () => database.close(),
  };
}

function open(file: string) {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    const [byId, totals] = [database.prepare(BY_ID), database.prepare(TOTALS)];
    return { database, byId, totals, largest: database.prepare(LARGEST), byName: database.prepare(BY_NAME) };
  } catch (error) {
    database?.close();
    throw new StartError(
      `${file} holds no municipal register (${(error as Error).message}); remove it, npm start makes it anew`,
    );
  }
}

function ask<Row>(statement: StatementSync, ...values: (string | number)[]): Row[] {
  try {
    return statement.all(...values) as Row[];
  } catch (error) {
    throw systemUnavailable('The municipal register could not be read.', error);
  }
}
