import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import XMLBuilder from 'fast-xml-builder';
import type { CourtRecord } from '../city/records.ts';

/** Raised when the way the files are written changes. */
const FORMAT_VERSION = 1;
/** Lies beside the files, hidden from who reads them: what they were made from, and their names. */
const MARK_FILE = '.seed.json';

/**
 * Lays the courts' cases into a folder: one XML file for each year in which cases were filed. Each is written aside and renamed
 * whole. Files made from the same cases are kept; those of others are replaced; what else lies in the folder is left alone.
 *
 * @param folder made when absent
 */
export function seedCourts(
  folder: string,
  cases: readonly CourtRecord[],
): { /** Cases in all files. */ cases: number } {
  const byYear = [...Map.groupBy(cases, ({ filedOn }) => filedOn.slice(0, 4))];
  const files = byYear.map(([year]) => fileName(year));
  const digest = createHash('sha256').update(`${FORMAT_VERSION}`).update(JSON.stringify(cases)).digest('hex');
  mkdirSync(folder, { recursive: true });
  const mark = readMark(folder);
  if (mark.digest === digest && files.every((name) => existsSync(join(folder, name)))) return { cases: cases.length };
  // The mark says first what will lie there: a seeding that breaks off is done again, and leaves nothing behind then.
  writeAside(folder, MARK_FILE, JSON.stringify({ digest: null, files: [...new Set([...mark.files, ...files])] }));
  for (const name of mark.files) if (!files.includes(name)) rmSync(join(folder, name), { force: true });
  for (const [year, filed] of byYear) writeAside(folder, fileName(year), caseFile(year, filed));
  writeAside(folder, MARK_FILE, JSON.stringify({ digest, files }));
  return { cases: cases.length };
}

function caseFile(year: string, cases: readonly CourtRecord[]): string {
  const builder = new XMLBuilder({ format: true, ignoreAttributes: false, attributeNamePrefix: '@' });
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    cases: { '@year': year, case: cases.map(toElement) },
  });
}

function toElement({ caseNo, published, title, kind, stage, filedOn, claimant, respondent, amountCny }: CourtRecord) {
  return {
    '@no': caseNo,
    '@published': published ? 'yes' : 'no',
    '@made-up': 'yes',
    title,
    kind,
    stage,
    filed: filedOn,
    party: [
      { '@role': 'claimant', '#text': claimant },
      { '@role': 'respondent', '#text': respondent },
    ],
    amount: { '@currency': 'CNY', '#text': amountCny.toFixed(2) },
  };
}

function fileName(year: string): string {
  return `cases-${year}.xml`;
}

interface Mark {
  digest: string | null;
  files: string[];
}

/** The mark of an earlier seed; an empty one where there is none that can be read. */
function readMark(folder: string): Mark {
  try {
    return JSON.parse(readFileSync(join(folder, MARK_FILE), 'utf8')) as Mark;
  } catch {
    return { digest: null, files: [] };
  }
}

function writeAside(folder: string, name: string, text: string): void {
  const aside = join(folder, `.${name}.part`);
  writeFileSync(aside, text);
  renameSync(aside, join(folder, name));
}
