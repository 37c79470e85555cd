import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { CityRecords } from '../city/records.ts';
import { makeSqliteFile } from '../kit/sqlite-file.ts';
import { handIn, putDecisions, putIntoInbox, readInbox, type Inbox } from './inbox.ts';
import { linkRecords, type HandedInKey, type Linking, type ManualDecision } from './link.ts';

/** What the identity office's store holds after seeding. */
export interface IdentityCounts {
  links: number;
  /** Keys that no link explains. */
  unresolved: number;
}

const TABLES = `
  CREATE TABLE registered (uscc TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE handed_in (
    system TEXT NOT NULL,
    local_key TEXT NOT NULL,
    resolved INTEGER NOT NULL,
    PRIMARY KEY (system, local_key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE link (
    system TEXT NOT NULL,
    local_key TEXT NOT NULL,
    uscc TEXT NOT NULL,
    method TEXT NOT NULL,
    confidence REAL NOT NULL,
    PRIMARY KEY (system, local_key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX link_uscc ON link (uscc, system);
  CREATE INDEX handed_in_unresolved ON handed_in (system, local_key) WHERE resolved = 0;
`;

/** Raised when linking changes, so that a store linked by older rules is made anew. */
const LINKING_VERSION = 2;

/** The clerks have looked into every 15th of the keys that the rules leave open and someone could explain. */
const CASES_PER_DECISION = 15;

/**
 * Runs the identity office once: every system hands in its keys (`folder`, CSV files), the clerks decide a few hard
 * cases, the rest is linked by rule, and the outcome becomes the office's store. A store made from the same keys is
 * kept as it is.
 *
 * @param folder the office's inbox; made when absent
 * @param file the office's SQLite file; written aside and renamed whole
 */
export function seedIdentity(folder: string, file: string, records: CityRecords): IdentityCounts {
  const handedIn = handIn(records);
  const fingerprint = fingerprintOf(handedIn, records.truth.links);
  const fill = (database: DatabaseSync): void => {
    putIntoInbox(folder, handedIn);
    putDecisions(folder, []);
    const { register, keys } = readInbox(folder);
    putDecisions(folder, decisionsOfClerks(linkRecords(register, keys), records.truth));
    writeStore(database, readInbox(folder));
  };
  const database = makeSqliteFile({ file, fingerprint, fill });
  try {
    const [counts] = database
      .prepare(
        'SELECT count(*) FILTER (WHERE resolved) AS links, count(*) FILTER (WHERE NOT resolved) AS unresolved FROM handed_in',
      )
      .all();
    return { links: Number(counts!['links']), unresolved: Number(counts!['unresolved']) };
  } finally {
    database.close();
  }
}

function fingerprintOf(handedIn: ReadonlyMap<string, string>, truth: CityRecords['truth']['links']): string {
  const hash = createHash('sha256').update(`${LINKING_VERSION} ${CASES_PER_DECISION}`).update(TABLES);
  for (const [name, text] of handedIn) hash.update(name).update(text);
  return hash.update(JSON.stringify(truth)).digest('hex');
}

/** Clerks go and ask, so what they decide is the truth. */
function decisionsOfClerks({ unresolved }: Linking, truth: CityRecords['truth']): ManualDecision[] {
  const nameOf = ({ system, localKey }: Pick<HandedInKey, 'system' | 'localKey'>): string => `${system} ${localKey}`;
  const known = new Map(truth.links.map((link) => [nameOf(link), link.uscc]));
  return unresolved
    .flatMap((key) => {
      const uscc = known.get(nameOf(key));
      return uscc === undefined ? [] : [{ system: key.system, localKey: key.localKey, uscc }];
    })
    .filter((_, at) => at % CASES_PER_DECISION === 0);
}

function writeStore(database: DatabaseSync, { register, keys, decisions }: Inbox): void {
  const { links, unresolved } = linkRecords(register, keys, decisions);
  database.exec(TABLES);
  const registered = database.prepare('INSERT INTO registered VALUES (?)');
  for (const { uscc } of register) registered.run(uscc);
  const handedIn = database.prepare('INSERT INTO handed_in VALUES (?, ?, ?)');
  const link = database.prepare('INSERT INTO link VALUES (?, ?, ?, ?, ?)');
  for (const { system, localKey, uscc, method, confidence } of links) {
    handedIn.run(system, localKey, 1);
    link.run(system, localKey, uscc, method, confidence);
  }
  for (const { system, localKey } of unresolved) handedIn.run(system, localKey, 0);
}
