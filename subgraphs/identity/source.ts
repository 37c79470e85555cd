import { statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { systemUnavailable } from '../kit/faults.ts';
import { StartError } from '../kit/program.ts';

export type RecordSystem = 'TAX' | 'SOCIAL_SECURITY' | 'POWER' | 'COURTS';

/** A system's key. */
export interface LocalKey {
  system: RecordSystem;
  localKey: string;
}

/** A row of the office's table of links. */
export interface LinkRow extends LocalKey {
  uscc: string;
  method: string;
  confidence: number;
}

/** How many keys a system handed in, and how many of them no link explains. */
export interface UnresolvedCounts {
  total: number;
  count: number;
}

/** The identity office's store. Every question is one statement; each may throw `SYSTEM_UNAVAILABLE`. */
export interface Links {
  /** The links that lead to each of these enterprises, the surest first; enterprises not registered are absent. */
  linksOf(usccs: readonly string[]): Map<string, LinkRow[]>;
  /** The links of these keys, in no order. */
  linksByKey(keys: readonly LocalKey[]): LinkRow[];
  countUnresolved(system: RecordSystem): UnresolvedCounts;
  /** The first keys of a system, in their own order, that no link explains. */
  listUnresolved(system: RecordSystem, first: number): string[];
  close(): void;
}

const STATEMENTS = {
  linksOf: `SELECT registered.uscc, system, local_key AS localKey, method, confidence
    FROM json_each(?) AS wanted JOIN registered ON registered.uscc = wanted.value
    LEFT JOIN link ON link.uscc = registered.uscc ORDER BY confidence DESC, system, local_key`,
  linksByKey: `SELECT system, local_key AS localKey, uscc, method, confidence
    FROM json_each(?) AS wanted JOIN link ON system = wanted.value ->> 0 AND local_key = wanted.value ->> 1`,
  countUnresolved:
    'SELECT count(*) AS total, count(*) FILTER (WHERE resolved = 0) AS count FROM handed_in WHERE system = ?',
  listUnresolved:
    'SELECT local_key AS localKey FROM handed_in WHERE system = ? AND resolved = 0 ORDER BY local_key LIMIT ?',
} as const;

interface OpenStore {
  database: DatabaseSync;
  statements: Record<keyof typeof STATEMENTS, StatementSync>;
  /** Which file this is: the office replaces its store by renaming a new one into place. */
  version: string;
}

/**
 * Opens the office's store. When the office puts a new one in its place, the next question is asked of that.
 * @throws StartError when the file is missing or is not the office's store
 */
export function openLinks(file: string): Links {
  let store = openFirst(file);
  const ask = <Row>(name: keyof typeof STATEMENTS, ...values: SQLInputValue[]): Row[] => {
    try {
      store = openNewer(file, store);
      return store.statements[name].all(...values) as Row[];
    } catch (error) {
      throw systemUnavailable("The identity office's store did not answer.", error);
    }
  };
  return {
    linksOf(usccs) {
      const rows = ask<Omit<LinkRow, 'system'> & { system: RecordSystem | null }>('linksOf', JSON.stringify(usccs));
      const links = new Map<string, LinkRow[]>(rows.map(({ uscc }) => [uscc, []]));
      for (const row of rows) if (row.system !== null) links.get(row.uscc)!.push({ ...row, system: row.system });
      return links;
    },
    linksByKey: (keys) => ask('linksByKey', JSON.stringify(keys.map(({ system, localKey }) => [system, localKey]))),
    countUnresolved: (system) => ask<UnresolvedCounts>('countUnresolved', system)[0]!,
    listUnresolved: (system, first) =>
      ask<{ localKey: string }>('listUnresolved', system, first).map(({ localKey }) => localKey),
    close: () => store.database.close(),
  };
}

function openFirst(file: string): OpenStore {
  const version = versionOf(file);
  if (version === null) throw new StartError(`${file} does not exist; npm start makes it`);
  try {
    return openStore(file, version);
  } catch {
    throw new StartError(`${file} is not the identity office's store; remove it, npm start makes it anew`);
  }
}

function openNewer(file: string, store: OpenStore): OpenStore {
  const version = versionOf(file);
  // A file that is gone for now still answers from the copy that is open.
  if (version === null || version === store.version) return store;
  const newer = openStore(file, version);
  store.database.close();
  return newer;
}

function openStore(file: string, version: string): OpenStore {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const statements = {
      linksOf: database.prepare(STATEMENTS.linksOf),
      linksByKey: database.prepare(STATEMENTS.linksByKey),
      countUnresolved: database.prepare(STATEMENTS.countUnresolved),
      listUnresolved: database.prepare(STATEMENTS.listUnresolved),
    };
    return { database, statements, version };
  } catch (error) {
    database.close();
    throw error;
  }
}

function versionOf(file: string): string | null {
  const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.ino} ${stat.mtimeNs} ${stat.size}` : null;
}
