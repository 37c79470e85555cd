import { createRequire } from 'node:module';
import { countries } from 'countries-list';
import { z } from 'zod';
import { comparable, uniqueNames, type LinkMethod } from './crosswalk.ts';
import type { PublishedEntry } from './published-entry.ts';

const require = createRequire(import.meta.url);

/** The files of the package `country-json` that are read, and what each says of a country. */
const FILES = { population: 'population', 'surface-area': 'area', 'life-expectancy': 'expectancy' } as const;

/** Names that neither are a place's own nor stand in the list of codes. */
const BY_HAND = new Map([['Federated States of Micronesia', 'FM']]);

/**
 * What `country-json` says of places, by ISO code. It names countries in English, each file in its own way, and its list of their
 * codes is not ISO's in places: the United Kingdom is `UK`, and `GB` is Northern Ireland.
 */
export function almanacEntries(): Map<string, PublishedEntry> {
  const entries = new Map<string, AlmanacEntry>();
  for (const [file, column] of Object.entries(FILES)) {
    const rows = readRows(file, column, z.number().nullable()).filter(([, value]) => value !== null);
    const links = linkNames(rows.map(([name]) => name));
    for (const [name, value] of rows) {
      const found = links.get(name);
      if (!found) continue;
      const entry = entries.get(found.iso) ?? newEntry(name, found.link);
      entry.profile[column] = { text: String(value) };
      entry.keys.set(column, name);
      entries.set(found.iso, entry);
    }
  }
  return entries;
}

interface AlmanacEntry extends PublishedEntry {
  profile: Record<string, { text: string }>;
  keys: Map<string, string>;
}

function newEntry(key: string, link: AlmanacEntry['link']): AlmanacEntry {
  return { key, link, profile: {}, keys: new Map() };
}

/** A name leads to the place of that name, and where there is none to the code of the list, unless that place has another name. */
function linkNames(names: readonly string[]): Map<string, { iso: string; link: LinkMethod }> {
  const isoOfName = uniqueNames(new Map(Object.entries(countries).map(([iso, { name }]) => [iso, name])));
  const stated = new Map(readRows('abbreviation', 'abbreviation', z.string()));
  const links = new Map<string, { iso: string; link: LinkMethod }>();
  const taken = new Set<string>();
  const link = (name: string, iso: string | undefined, by: LinkMethod): void => {
    if (iso === undefined || !Object.hasOwn(countries, iso) || taken.has(iso)) return;
    taken.add(iso);
    links.set(name, { iso, link: by });
  };
  for (const name of names) link(name, isoOfName.get(comparable(name)), 'NAME');
  for (const name of names) link(name, BY_HAND.get(name), 'MANUAL');
  for (const name of names) if (!links.has(name)) link(name, stated.get(name), 'STATED');
  return links;
}

/** The rows of a file: what it says of each country, by the name it has there. */
function readRows<Value>(file: string, column: string, value: z.ZodType<Value>): [string, Value][] {
  const rows = z.array(z.object({ country: z.string(), [column]: value }));
  const read = rows.parse(require(`country-json/src/country-by-${file}.json`));
  return read.map((row) => [row['country'] as string, row[column] as Value]);
}
