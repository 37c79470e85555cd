import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Notation } from './reading/figures.ts';

/** A department of the economies, as its file in `catalogue/` describes it. */
export interface CatalogueDepartment {
  /** The file's name without `.yaml`. */
  code: string;
  title: string;
  /** What it is called in other languages. */
  otherNames: readonly string[];
  /** What it is for, in one sentence. */
  remit: string;
  publisher: PublisherId;
  indicators: readonly Indicator[];
}

/** Who published what a department shows. */
export type PublisherId = z.infer<typeof publisherId>;

/** What an indicator is, and where and how its publisher writes it. */
export interface Indicator {
  /** Unique among all departments, and part of the public graph: a code is not renamed. */
  code: string;
  name: string;
  /** What it is called in other languages. */
  otherNames: readonly string[];
  definition: string;
  /** The unit of its values, in words: `square kilometres`, `% of GDP`. */
  unit: string;
  /** Code of the department that answers for it. */
  owner: string;
  /** Paths of the field; the first that has a text counts. */
  paths: readonly (readonly string[])[];
  notation: Notation;
  /** For how many places its publisher gives a number, at least; held by a test. */
  places: number;
}

const publisherId = z.enum(['factbook', 'cldr', 'sales-tax', 'country-json']);
const word = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case words with hyphens between them');
const sentence = z.string().regex(/^[A-Z].*\.$/, 'must be a sentence');
const path = z.string().regex(/^[^/]+/);

/** By language (BCP 47): found by these, and shown by the first of all. */
const inOtherLanguages = z.record(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]+)*$/), z.string().min(1)).default({});

const indicatorFile = z.strictObject({
  code: word,
  name: z.string().min(1),
  names: inOtherLanguages,
  definition: sentence,
  unit: z.string().min(1),
  path: z.union([path, z.array(path).min(1)]),
  written: z.string().min(1).optional(),
  after: z.string().min(1).optional(),
  listed: z.int().min(1).optional(),
  named: z.literal(true).optional(),
  coordinate: z.enum(['latitude', 'longitude']).optional(),
  places: z.int().min(1),
});
const departmentFile = z.strictObject({
  title: z.string().min(1),
  titles: inOtherLanguages,
  remit: sentence,
  publisher: publisherId,
  indicators: z.array(indicatorFile).min(1),
});

/** Where the departments' files lie. */
const catalogueFolder = fileURLToPath(new URL('catalogue/', import.meta.url));

/**
 * Reads the departments of a folder, one YAML file each, in the order of their names. One more department is one more file.
 *
 * @param folder with a slash at its end
 * @throws Error naming the file and what is wrong in it; when two indicators have one code
 */
export function readCatalogue(folder = catalogueFolder): CatalogueDepartment[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const departments = files.sort().map((file) => readDepartment(folder + file));
  const owners = new Map<string, string>();
  for (const { code, owner } of departments.flatMap(({ indicators }) => indicators)) {
    const other = owners.get(code);
    if (other !== undefined) throw new Error(`The indicator ${code} is in ${other}.yaml and in ${owner}.yaml.`);
    owners.set(code, owner);
  }
  return departments;
}

function readDepartment(file: string): CatalogueDepartment {
  const read = departmentFile.safeParse(parseYaml(file));
  if (!read.success) throw new Error(`${file}:\n${z.prettifyError(read.error)}`);
  const owner = basename(file, '.yaml');
  const { indicators, titles, ...department } = read.data;
  const otherNames = Object.values(titles);
  return {
    code: owner,
    ...department,
    otherNames,
    indicators: indicators.map((indicator) => toIndicator(indicator, owner)),
  };
}

function parseYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function toIndicator(read: z.infer<typeof indicatorFile>, owner: string): Indicator {
  const { code, name, names, definition, unit, places, path: paths, written = '', ...part } = read;
  return {
    ...{ code, name, otherNames: Object.values(names), definition, unit, owner, places },
    paths: [paths].flat().map((text) => text.split(' / ')),
    notation: { written, ...part },
  };
}
