import DataLoader from 'dataloader';
import { z } from 'zod';
import { checked } from '../kit/checked.ts';
import { badInput, checkFirst } from '../kit/faults.ts';
import type { Resolvers } from '../kit/subgraph.ts';
import { toAsciiName } from './ascii-name.ts';
import type { CityRow, LargestQuery, MunicipalRegister, PlaceTotals } from './source.ts';

interface Context {
  register: MunicipalRegister;
  cities: DataLoader<string, CityRow | null>;
  totals: DataLoader<string, PlaceTotals | null>;
  largest: DataLoader<LargestQuery, CityRow[], string>;
}

interface Place {
  iso: string;
}

/** Keys in one statement at most. */
const MAX_BATCH = 1_000;
const MAX_NAME_LENGTH = 100;

const CAPITAL = z
  .enum(['primary', 'admin', 'minor'], { error: 'not a kind of capital' })
  .transform((kind) => kind.toUpperCase())
  .nullable();

/** One request's loaders over the register. */
export function createContext(register: MunicipalRegister): Record<string, unknown> {
  const context: Context = {
    register,
    cities: new DataLoader(async (ids) => inOrder(ids, register.citiesById(ids), 'id'), { maxBatchSize: MAX_BATCH }),
    totals: new DataLoader(async (isoCodes) => inOrder(isoCodes, register.totals(isoCodes), 'iso'), {
      maxBatchSize: MAX_BATCH,
    }),
    largest: new DataLoader(async (queries) => loadLargest(register, queries), {
      maxBatchSize: MAX_BATCH,
      cacheKeyFn: queryKey,
    }),
  };
  return { ...context };
}

/** The register's resolvers; the other fields of a city are columns of its row. */
export const resolvers: Resolvers = {
  Query: {
    city: (_: unknown, { id }: { id: string }, { cities }: Context) => cities.load(id),
    cities: (_: unknown, { name, first }: { name: string; first?: number | null }, { register }: Context) =>
      register.citiesByName(checkName(name), checkFirst(first, { fallback: 20, max: 100 })),
  },
  Place: {
    __resolveReference: ({ iso }: Place): Place => ({ iso }),
    cityCount: async ({ iso }: Place, _: unknown, { totals }: Context) => (await totals.load(iso))?.cities ?? 0,
    urbanPopulation: async ({ iso }: Place, _: unknown, { totals }: Context) =>
      (await totals.load(iso))?.population ?? null,
    cities: ({ iso }: Place, { first }: { first?: number | null }, { largest }: Context) =>
      largest.load({ iso, first: checkFirst(first, { fallback: 10, max: 200 }) }),
  },
  City: {
    __resolveReference: ({ id }: CityRow, { cities }: Context) => cities.load(id),
    capital: ({ id, capital }: CityRow) => checked(CAPITAL, capital, `the capital of city ${id}`),
    place: ({ iso }: CityRow): Place => ({ iso }),
  },
};

function checkName(name: string): string {
  if (name.length > MAX_NAME_LENGTH) {
    throw badInput(`name has ${name.length} characters; it must have ${MAX_NAME_LENGTH} at most.`);
  }
  const ascii = toAsciiName(name);
  if ((ascii.match(/\p{L}/gu)?.length ?? 0) >= 2) return ascii;
  throw badInput(`name is "${name}"; it must have at least two letters.`);
}

function loadLargest(register: MunicipalRegister, queries: readonly LargestQuery[]): CityRow[][] {
  const byQuery = Map.groupBy(register.largestCities(queries), queryKey);
  return queries.map((query) => byQuery.get(queryKey(query)) ?? []);
}

function queryKey({ iso, first }: LargestQuery): string {
  return `${iso} ${first}`;
}

function inOrder<Row, Name extends keyof Row>(
  keys: readonly Row[Name][],
  rows: readonly Row[],
  name: Name,
): (Row | null)[] {
  const byKey = new Map(rows.map((row) => [row[name], row]));
  return keys.map((key) => byKey.get(key) ?? null);
}
