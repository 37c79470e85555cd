import { openDatabase } from '../kit/postgres.ts';

/** A row of `territory.place`, under the names the graph uses. */
export interface PlaceRow {
  iso: string;
  name: string;
  nativeName: string;
  capital: string | null;
  continent: string;
  currencies: string[];
  languages: string[];
  callingCodes: string[];
}

/** A row of `territory.place_code`. */
export interface PlaceCodeRow {
  iso: string;
  system: string;
  code: string;
  method: string;
}

/** A code, and the system it belongs to. */
export interface SystemCode {
  system: string;
  code: string;
}

/** The territory registry. Every question is one statement; each may fail with `SYSTEM_UNAVAILABLE`. */
export interface Registry {
  /** The places among these codes that exist, in no order. */
  placesByIso(isoCodes: readonly string[]): Promise<PlaceRow[]>;
  /** The crosswalk's rows of these places, by system and code. */
  codesByIso(isoCodes: readonly string[]): Promise<PlaceCodeRow[]>;
  /** The places that these codes of other systems lead to, each with the code that led there, in no order. */
  placesByCode(codes: readonly SystemCode[]): Promise<(PlaceRow & SystemCode)[]>;
  /** Places by ISO code, after one of them, of one continent where it is given. */
  listPlaces(range: { first: number; after: string | null; continent: string | null }): Promise<PlaceRow[]>;
  close(): Promise<void>;
}

const PLACE_COLUMNS = `place.iso, place.name, place.native_name as "nativeName", place.capital, place.continent,
  place.currencies, place.languages, place.calling_codes as "callingCodes"`;

/**
 * Opens the registry's database.
 *
 * @param timeoutMs for one statement, and for making a connection
 * @throws StartError when the server cannot be reached or holds no registry
 */
export async function openRegistry(databaseUrl: string, timeoutMs: number): Promise<Registry> {
  const { query, close } = await openDatabase({
    databaseUrl,
    timeoutMs,
    department: 'territory',
    holds: 'territory registry',
    table: 'territory.place',
  });
  return {
    placesByIso: (isoCodes) => query(`select ${PLACE_COLUMNS} from territory.place where iso = any($1)`, [isoCodes]),
    codesByIso: (isoCodes) =>
      query('select iso, system, code, method from territory.place_code where iso = any($1) order by system, code', [
        isoCodes,
      ]),
    placesByCode: (codes) =>
      query(
        `select ${PLACE_COLUMNS}, system, code from territory.place_code join territory.place using (iso)
         where (system, code) in (select * from unnest($1::text[], $2::text[]))`,
        [codes.map(({ system }) => system), codes.map(({ code }) => code)],
      ),
    listPlaces: ({ first, after, continent }) =>
      query(
        `select ${PLACE_COLUMNS} from territory.place
         where ($2::text is null or iso > $2) and ($3::text is null or continent = $3) order by iso limit $1`,
        [first, after, continent],
      ),
    close,
  };
}
