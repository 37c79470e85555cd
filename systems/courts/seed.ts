import XMLBuilder from 'fast-xml-builder';
import type { CourtRecord } from '../city/records.ts';
import { fillDropFolder } from '../kit/drop-folder.ts';

/** Raised when the way the files are written changes. */
const FORMAT_VERSION = 1;
/**
 * Lays the courts' cases into a folder: one XML file for each year in which cases were filed. Each is written aside and renamed
 * whole. Files made from the same cases are kept; those of others are replaced; what else lies in the folder is left alone.
 *
 * @param folder made when absent
 */
export async function seedCourts(
  folder: string,
  cases: readonly CourtRecord[],
): Promise<{ /** Cases in all files. */ cases: number }> {
  const byYear = Map.groupBy(cases, ({ filedOn }) => filedOn.slice(0, 4));
  const files = new Map([...byYear].map(([year, filed]) => [fileName(year), { year, filed }]));
  await fillDropFolder(folder, {
    madeFrom: `${FORMAT_VERSION}${JSON.stringify(cases)}`,
    names: [...files.keys()],
    make(name) {
      const { year, filed } = files.get(name)!;
      return caseFile(year, filed);
    },
  });
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
