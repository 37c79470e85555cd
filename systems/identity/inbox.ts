import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import type { CityRecords } from '../city/records.ts';
import type { HandedInKey, ManualDecision, RecordSystem, RegisteredEnterprise } from './link.ts';

/** What lies in the identity office's inbox. */
export interface Inbox {
  register: RegisteredEnterprise[];
  keys: HandedInKey[];
  decisions: ManualDecision[];
}

const REGISTER_FILE = 'market-register.csv';
const DECISIONS_FILE = 'clerk-decisions.csv';
const KEY_FILES: readonly (readonly [RecordSystem, string])[] = [
  ['TAX', 'tax-keys.csv'],
  ['SOCIAL_SECURITY', 'social-security-keys.csv'],
  ['POWER', 'power-keys.csv'],
  ['COURTS', 'court-keys.csv'],
];

const registerRow = z.object({ uscc: z.string().min(1), name: z.string(), address: z.string() });
const keyRow = z.object({ key: z.string().min(1), name: z.string(), address: z.string() });
const decisionRow = z.object({
  system: z.enum(['TAX', 'SOCIAL_SECURITY', 'POWER', 'COURTS']),
  key: z.string(),
  uscc: z.string(),
});

/** The files that the systems hand in, by name: their keys with name and address, and nothing that says whose they are. */
export function handIn(records: CityRecords): Map<string, string> {
  const keys: Record<RecordSystem, [string, string, string][]> = {
    TAX: records.taxpayers.map(({ taxpayerId, name, address }) => [taxpayerId, name, address]),
    SOCIAL_SECURITY: records.insuredUnits.map(({ unitNo, name, address }) => [unitNo, name, address]),
    POWER: records.powerCustomers.map(({ customerNo, name, meterAddress }) => [customerNo, name, meterAddress]),
    // A party is a name, and an address is not kept.
    COURTS: records.courtCases.map(({ caseNo, respondent }) => [caseNo, respondent, '']),
  };
  const register = records.enterprises.map(({ uscc, name, registeredAddress }) => [uscc, name, registeredAddress]);
  const files = new Map([[REGISTER_FILE, stringify(register, { header: true, columns: ['uscc', 'name', 'address'] })]]);
  for (const [system, file] of KEY_FILES) {
    files.set(file, stringify(keys[system], { header: true, columns: ['key', 'name', 'address'] }));
  }
  return files;
}

/** Writes files into the inbox, each aside and renamed whole. */
export function putIntoInbox(folder: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) {
    const aside = join(folder, `.${name}.part`);
    writeFileSync(aside, text);
    renameSync(aside, join(folder, name));
  }
}

/** Writes the clerks' decisions into the inbox. */
export function putDecisions(folder: string, decisions: readonly ManualDecision[]): void {
  const rows = decisions.map(({ system, localKey, uscc }) => [system, localKey, uscc]);
  putIntoInbox(
    folder,
    new Map([[DECISIONS_FILE, stringify(rows, { header: true, columns: ['system', 'key', 'uscc'] })]]),
  );
}

/**
 * Reads everything that was handed in.
 * @throws Error when a file is missing or a row does not have its columns
 */
export function readInbox(folder: string): Inbox {
  const rows = <Row>(file: string, row: z.ZodType<Row>): Row[] =>
    z.array(row).parse(parse(readFileSync(join(folder, file)), { columns: true, bom: true }));
  const keys = KEY_FILES.flatMap(([system, file]) =>
    rows(file, keyRow).map(({ key, name, address }): HandedInKey => ({ system, localKey: key, name, address })),
  );
  const decisions = rows(DECISIONS_FILE, decisionRow).map(({ system, key, uscc }) => ({ system, localKey: key, uscc }));
  return { register: rows(REGISTER_FILE, registerRow), keys, decisions };
}
