import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';

/** A case, under the names the graph uses. */
export interface CourtCase {
  caseNo: string;
  published: boolean;
  title: string;
  kind: string;
  stage: string;
  /** `YYYY-MM-DD`. */
  filedOn: string;
  parties: { role: 'CLAIMANT' | 'RESPONDENT'; name: string }[];
  amountCny: number | null;
  synthetic: boolean;
}

/** What came out of one file. */
export interface CaseFile {
  file: string;
  cases: CourtCase[];
  /** Why a case, or the whole file, was put aside. */
  problems: string[];
}

/** A year of cases is some hundred kilobytes; a larger file would keep the others waiting while it is read. */
const MAX_BYTES = 16 * 1024 * 1024;

const text = z.string().min(1);
const party = z
  .object({ '@role': z.enum(['claimant', 'respondent']), '#text': text })
  .transform(({ '@role': role, '#text': name }) => ({ role: role.toUpperCase() as 'CLAIMANT' | 'RESPONDENT', name }));
const yes = z.enum(['yes', 'no']).transform((value) => value === 'yes');
const courtCase = z
  .object({
    '@no': z.string().regex(/^C\d{4}-\d{8}$/, 'not a case number'),
    '@published': yes,
    '@made-up': yes.default(false),
    title: text,
    kind: text,
    stage: text,
    filed: z.iso.date(),
    party: z.array(party).min(1),
    amount: z.object({ '@currency': z.literal('CNY'), '#text': z.string().regex(/^\d{1,15}(\.\d{1,2})?$/) }).optional(),
  })
  .transform((found): CourtCase => ({
    caseNo: found['@no'],
    published: found['@published'],
    title: found.title,
    kind: found.kind,
    stage: found.stage,
    filedOn: found.filed,
    parties: found.party,
    amountCny: found.amount ? Number(found.amount['#text']) : null,
    synthetic: found['@made-up'],
  }));

const noCases = z.literal('').transform((): { case: unknown[] } => ({ case: [] }));
const envelope = z.object({ cases: noCases.or(z.object({ case: z.array(z.unknown()) })) });

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  isArray: (name) => name === 'case' || name === 'party',
});

/**
 * Reads one file of cases. Never throws: what cannot be read is in `problems`.
 *
 * A file that brings a document type of its own is not read: its entities could make gigabytes of a few lines, or name other files.
 */
export async function readCaseFile(path: string): Promise<CaseFile> {
  const file = basename(path);
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes; a file of cases has at most ${MAX_BYTES}`);
    return { file, ...readCases(await readFile(path, 'utf8')) };
  } catch (error) {
    return { file, cases: [], problems: [`the file cannot be read: ${(error as Error).message}`] };
  }
}

/** @throws Error when it is no document of cases */
function readCases(xml: string): Omit<CaseFile, 'file'> {
  if (xml.includes('<!DOCTYPE')) throw new Error('it has a document type of its own');
  // The parser takes what is cut off for what there is.
  if (!xml.trimEnd().endsWith('</cases>')) throw new Error('it does not end as a document of cases does');
  const document = envelope.safeParse(parser.parse(withCharacters(xml)));
  if (!document.success) throw new Error('it holds no cases');
  const cases: CourtCase[] = [];
  const problems: string[] = [];
  document.data.cases.case.forEach((element, at) => {
    const read = courtCase.safeParse(element);
    if (read.success) cases.push(read.data);
    else problems.push(`case ${at + 1}: ${read.error.issues.map(describe).join('; ')}`);
  });
  return { cases, problems };
}

/** The parser knows the five entities of XML by name, and leaves characters by their number as they are. */
function withCharacters(xml: string): string {
  return xml.replace(/&#(?:x([\da-f]{1,6})|(\d{1,7}));/gi, (_, hex?: string, decimal?: string) => {
    const character = String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
    return { '<': '&lt;', '&': '&amp;' }[character] ?? character;
  });
}

function describe({ path, message }: { path: PropertyKey[]; message: string }): string {
  return `${path.join('.')}: ${message}`;
}
