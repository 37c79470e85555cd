import { GraphQLError } from 'graphql';
import { z } from 'zod';
import { checked, type Checked } from '../kit/checked.ts';
import { connectRest, type RestConnection } from './rest-connection.ts';

/** An airport as the registry answers it, unchecked but for its key: each field is checked where it is read. */
export type AirportRow = z.infer<typeof airportRow>;
/** A region as the registry answers it, unchecked but for its key. */
export type RegionRow = z.infer<typeof regionRow>;

/** Which airports of a country. */
export interface AirportsQuery {
  country: string;
  /** As the registry writes it, such as `large_airport`. */
  type: string | null;
  /** How many at most. */
  first: number;
}

/** The aviation registry; a question fails as a whole with a `SYSTEM_...` code. */
export interface AviationRegistry {
  /** Airports by identifier, in the order asked; at most {@link MAX_KEYS}, one request. */
  airportsByIdent(idents: readonly string[]): Promise<Checked<AirportRow | null>[]>;
  /** Regions by code, in the order asked; at most {@link MAX_KEYS}, one request. */
  regionsByCode(codes: readonly string[]): Promise<Checked<RegionRow | null>[]>;
  /** How many airports countries have, in the order asked; null where the registry does not know the country. */
  airportCounts(countries: readonly string[]): Promise<Checked<number | null>[]>;
  /** Airports of one country by identifier; one request for each page of {@link PAGE_SIZE}. */
  airportsOf(query: AirportsQuery): Promise<Checked<AirportRow>[]>;
  close(): Promise<void>;
}

/** The registry takes no more keys in one request. */
export const MAX_KEYS = 50;
/** Airports on one page; the registry gives up to 200, and smaller pages keep its answers short. */
const PAGE_SIZE = 100;

const airportRow = z.looseObject({ ident: z.string().min(1) });
const regionRow = z.looseObject({ code: z.string().min(1) });
const countryRow = z.object({
  code: z.string(),
  airport_count: z
    .string()
    .regex(/^\d{1,9}$/, 'not a whole number')
    .transform(Number),
});
const list = z.object({ items: z.array(z.unknown()) });
const page = list.extend({ total: z.int().min(0) });

/** Reaches the registry at its REST address. */
export function connectRegistry(settings: { url: URL; timeoutMs: number }): AviationRegistry {
  const rest = connectRest(settings);
  const ask = (path: string, query: Record<string, string | number>) =>
    rest.get({ path, query, schema: list, signal: rest.deadline() });
  return {
    async airportsByIdent(idents) {
      const { items } = await ask('/airports', { idents: idents.join(), per_page: idents.length });
      return inOrder(idents, checkRows(airportRow, items, 'an airport'), (row) => row.ident);
    },
    async regionsByCode(codes) {
      const { items } = await ask('/regions', { codes: codes.join(), per_page: codes.length });
      return inOrder(codes, checkRows(regionRow, items, 'a region'), (row) => row.code);
    },
    async airportCounts(countries) {
      const { items } = await ask('/countries/summary', { codes: countries.join() });
      const rows = inOrder(countries, checkRows(countryRow, items, 'the summary of a country'), (row) => row.code);
      return rows.map((row) => (row === null || row instanceof GraphQLError ? row : row.airport_count));
    },
    airportsOf: (query) => readPages(rest, query),
    close: () => rest.close(),
  };
}

async function readPages(
  rest: RestConnection,
  { country, type, first }: AirportsQuery,
): Promise<Checked<AirportRow>[]> {
  const signal = rest.deadline();
  const rows: unknown[] = [];
  const filters = { country, ...(type !== null && { type }), per_page: Math.min(first, PAGE_SIZE) };
  for (let number = 1; ; number += 1) {
    const { items, total } = await rest.get({
      path: '/airports',
      query: { ...filters, page: number },
      schema: page,
      signal,
    });
    rows.push(...items);
    // A page without a row ends the list whatever its total promises: records may go while pages are read.
    if (rows.length >= Math.min(first, total) || items.length === 0) break;
  }
  return checkRows(airportRow, rows.slice(0, first), `an airport of ${country}`);
}

function checkRows<Row>(schema: z.ZodType<Row>, items: readonly unknown[], place: string): Checked<Row>[] {
  return items.map((item) => checked(schema, item, place));
}

/** Puts rows in the order of their keys. A key without a row is null, unless a row that cannot be read may be its own. */
function inOrder<Row>(
  keys: readonly string[],
  rows: readonly Checked<Row>[],
  keyOf: (row: Row) => string,
): Checked<Row | null>[] {
  const unreadable = rows.find((row) => row instanceof GraphQLError) ?? null;
  const byKey = new Map<string, Row>();
  for (const row of rows) if (!(row instanceof GraphQLError)) byKey.set(keyOf(row), row);
  return keys.map((key) => byKey.get(key) ?? unreadable);
}
