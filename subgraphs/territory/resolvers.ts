import DataLoader from 'dataloader';
import { badInput, checkFirst } from '../kit/faults.ts';
import type { Resolvers } from '../kit/sdl-files.ts';
import type { PlaceCodeRow, PlaceRow, Registry, SystemCode } from './source.ts';

interface Context {
  registry: Registry;
  places: DataLoader<string, PlaceRow | null>;
  placesByCode: DataLoader<SystemCode, PlaceRow | null, string>;
  codes: DataLoader<string, PlaceCodeRow[]>;
}

interface Key {
  iso: string;
}

interface PlacesArguments {
  first?: number | null;
  after?: string | null;
  continent?: string | null;
}

/** What an ISO code looks like. Nothing else is asked for: a text the server refuses would fail the others of its batch. */
const ISO = /^[A-Z]{2}$/;
const CODE = /^[A-Z0-9]{1,8}$/;

/** Keys in one statement at most. */
const MAX_BATCH = 1_000;

/** One request's loaders over the registry. */
export function createContext(registry: Registry): Record<string, unknown> {
  const context: Context = {
    registry,
    places: new DataLoader(async (isoCodes) => inOrder(isoCodes, await registry.placesByIso(isoCodes)), {
      maxBatchSize: MAX_BATCH,
    }),
    placesByCode: new DataLoader((codes) => loadByCode(registry, codes), {
      maxBatchSize: MAX_BATCH,
      cacheKeyFn: ({ system, code }) => `${system} ${code}`,
    }),
    codes: new DataLoader(async (isoCodes) => grouped(isoCodes, await registry.codesByIso(isoCodes)), {
      maxBatchSize: MAX_BATCH,
    }),
  };
  return { ...context };
}

/** The registry's resolvers; the other fields of a place are columns of its row. */
export const resolvers: Resolvers = {
  Query: {
    place: (_: unknown, { iso }: Key, { places }: Context) => loadPlace(places, iso),
    placeByCode: (_: unknown, { system, code }: SystemCode, { placesByCode }: Context) =>
      CODE.test(code) ? placesByCode.load({ system, code }) : null,
    places: (_: unknown, { first, after, continent }: PlacesArguments, { registry }: Context) =>
      registry.listPlaces({
        first: checkFirst(first, { fallback: 20, max: 100 }),
        after: checkAfter(after ?? null),
        continent: checkContinent(continent ?? null),
      }),
  },
  Place: {
    __resolveReference: ({ iso }: Key, { places }: Context) => loadPlace(places, iso),
    codes: ({ iso }: PlaceRow, _: unknown, { codes }: Context) => codes.load(iso),
  },
};

function loadPlace(places: Context['places'], iso: string): Promise<PlaceRow | null> | null {
  return ISO.test(iso) ? places.load(iso) : null;
}

async function loadByCode(registry: Registry, codes: readonly SystemCode[]): Promise<(PlaceRow | null)[]> {
  const rows = await registry.placesByCode(codes);
  const byCode = new Map(rows.map((row) => [`${row.system} ${row.code}`, row]));
  return codes.map(({ system, code }) => byCode.get(`${system} ${code}`) ?? null);
}

function checkAfter(after: string | null): string | null {
  if (after === null || ISO.test(after)) return after;
  throw badInput(`after is "${after}"; it must be the iso of a place, two letters in upper case.`);
}

function checkContinent(continent: string | null): string | null {
  if (continent === null || /^[A-Z]{2}$/.test(continent)) return continent;
  throw badInput(`continent is "${continent}"; it must be a two-letter code in upper case, such as EU.`);
}

function inOrder(isoCodes: readonly string[], rows: readonly PlaceRow[]): (PlaceRow | null)[] {
  const byIso = new Map(rows.map((row) => [row.iso, row]));
  return isoCodes.map((iso) => byIso.get(iso) ?? null);
}

function grouped(isoCodes: readonly string[], rows: readonly PlaceCodeRow[]): PlaceCodeRow[][] {
  const byIso = Map.groupBy(rows, (row) => row.iso);
  return isoCodes.map((iso) => byIso.get(iso) ?? []);
}
