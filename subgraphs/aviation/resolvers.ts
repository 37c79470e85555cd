import DataLoader from 'dataloader';
import type { Checked } from '../kit/checked.ts';
import { checkFirst } from '../kit/faults.ts';
import type { Resolvers } from '../kit/sdl-files.ts';
import { AIRPORT_FIELDS, readField, REGION_COUNTRY, REGION_KEY, REGION_NAME, REGISTRY_TYPES } from './fields.ts';
import { MAX_KEYS, type AirportRow, type AirportsQuery, type AviationRegistry, type RegionRow } from './source.ts';

interface Context {
  airports: DataLoader<string, AirportRow | null>;
  regions: DataLoader<string, RegionRow | null>;
  airportCounts: DataLoader<string, number | null>;
  airportLists: DataLoader<AirportsQuery, Checked<AirportRow>[], string>;
}

interface Place {
  iso: string;
}

/** What keys look like. Nothing else is asked for: one key the registry refuses would fail the others of its batch. */
const ISO = /^[A-Z]{2}$/;
const RECORD_KEY = /^[\w-]{1,16}$/;

/** One request's loaders over the registry. */
export function createContext(registry: AviationRegistry): Record<string, unknown> {
  const context: Context = {
    airports: new DataLoader<string, AirportRow | null>((idents) => registry.airportsByIdent(idents), {
      maxBatchSize: MAX_KEYS,
    }),
    regions: new DataLoader<string, RegionRow | null>((codes) => registry.regionsByCode(codes), {
      maxBatchSize: MAX_KEYS,
    }),
    airportCounts: new DataLoader<string, number | null>((countries) => registry.airportCounts(countries), {
      maxBatchSize: MAX_KEYS,
    }),
    // The registry lists one country at a time; the loader only sees to it that no list is read twice.
    airportLists: new DataLoader((queries) => Promise.all(queries.map((query) => registry.airportsOf(query))), {
      batch: false,
      cacheKeyFn: ({ country, type, first }) => `${country} ${type} ${first}`,
    }),
  };
  return { ...context };
}

export const resolvers: Resolvers = {
  Query: {
    airport: (_: unknown, { ident }: { ident: string }, { airports }: Context) => loadRecord(airports, ident),
  },
  Place: {
    __resolveReference: ({ iso }: Place): Place => ({ iso }),
    airportCount: ({ iso }: Place, _: unknown, { airportCounts }: Context) =>
      ISO.test(iso) ? airportCounts.load(iso) : null,
    airports: (
      { iso }: Place,
      { first, size }: { first?: number | null; size?: string | null },
      { airportLists }: Context,
    ) => {
      const query = {
        type: size ? (REGISTRY_TYPES[size] ?? null) : null,
        first: checkFirst(first, { fallback: 20, max: 200 }),
      };
      return ISO.test(iso) ? airportLists.load({ country: iso, ...query }) : null;
    },
  },
  Airport: {
    __resolveReference: ({ ident }: AirportRow, { airports }: Context) => loadRecord(airports, ident),
    ...columns(),
    region: (airport: AirportRow, _: unknown, { regions }: Context) => {
      const code = readField(airport, REGION_KEY, `airport ${airport.ident}`);
      return typeof code === 'string' ? loadRecord(regions, code) : code;
    },
  },
  Region: {
    __resolveReference: ({ code }: RegionRow, { regions }: Context) => loadRecord(regions, code),
    name: (region: RegionRow) => readField(region, REGION_NAME, `region ${region.code}`),
    place: (region: RegionRow) => {
      const iso = readField(region, REGION_COUNTRY, `region ${region.code}`);
      return typeof iso === 'string' ? { iso } : iso;
    },
  },
};

function columns(): Record<string, (airport: AirportRow) => unknown> {
  const resolve = Object.entries(AIRPORT_FIELDS).map(
    ([name, field]) => [name, (airport: AirportRow) => readField(airport, field, `airport ${airport.ident}`)] as const,
  );
  return Object.fromEntries(resolve);
}

function loadRecord<Row>(loader: DataLoader<string, Row | null>, key: string): Promise<Row | null> | null {
  return RECORD_KEY.test(key) ? loader.load(key) : null;
}
