import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '../subgraphs/kit/program.ts';

/** Where everything lies that the network keeps. */
export interface DataFolder {
  root: string;
  logs: string;
  postgres: string;
  /** Made by the seeds. */
  municipalFile: string;
  taxFile: string;
  socialSecurityFile: string;
  identityFile: string;
  cityOperationsFile: string;
  planningFile: string;
  creditRegistryFile: string;
  /** Where the systems hand their records to the identity office. */
  identityDrop: string;
  powerDrop: string;
  fireDrop: string;
  /** The gateway's trail, with the keys that it is signed with. */
  trail: string;
  /** What departments granted. */
  grantsFile: string;
  /** Dispatches, and the folders that they are delivered to. */
  dispatch: string;
  courtCases: string;
  /** Tokens to ask as somebody. */
  callers: string;
  /** Schemas, rules and an example of the economies' departments, written at each start with `--all`. */
  economies: string;
  /** The supergraph this network serves. */
  supergraph: string;
  /** What city operations did about findings; no seed makes it, and it outlives the data. */
  actionsFile: string;
  /** Keys that the gateway signs requests to departments with. */
  signing: string;
  /** Says what the data was made from, once all of it is there. */
  madeFrom: string;
  /** Lets another network have the folder. */
  release(): void;
}

/**
 * Makes the data folder where it is absent, and takes it for this process alone.
 *
 * @throws StartError when it cannot be made or written to, or another network runs on it
 */
export function openDataFolder(root: string): DataFolder {
  const logs = join(root, 'logs');
  try {
    mkdirSync(root, { recursive: true });
    mkdirSync(logs, { recursive: true });
  } catch (error) {
    throw unusable(root, error as NodeJS.ErrnoException);
  }
  const lock = takeLock(root, join(root, 'lock'));
  return {
    root,
    logs,
    postgres: join(root, 'postgres'),
    municipalFile: join(root, 'municipal.sqlite'),
    taxFile: join(root, 'tax.sqlite'),
    socialSecurityFile: join(root, 'social-security.sqlite'),
    identityFile: join(root, 'identity.sqlite'),
    cityOperationsFile: join(root, 'city-operations.sqlite'),
    planningFile: join(root, 'planning.sqlite'),
    creditRegistryFile: join(root, 'credit-registry.sqlite'),
    identityDrop: join(root, 'identity-drop'),
    powerDrop: join(root, 'power-drop'),
    fireDrop: join(root, 'fire-drop'),
    trail: join(root, 'trail'),
    grantsFile: join(root, 'grants.sqlite'),
    dispatch: join(root, 'dispatch'),
    courtCases: join(root, 'court-cases'),
    callers: join(root, 'callers'),
    economies: join(root, 'economies'),
    actionsFile: join(root, 'actions.sqlite'),
    signing: join(root, 'signing'),
    supergraph: join(root, 'supergraph.graphql'),
    madeFrom: join(root, 'made-from'),
    release: () => lock.close(),
  };
}

/** SQLite locks files in a way the system lifts when this process dies, however it dies. */
function takeLock(root: string, file: string): DatabaseSync {
  const open = (): DatabaseSync => {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  };
  try {
    return open();
  } catch (error) {
    const { errcode, message } = error as Error & { errcode?: number };
    if (errcode === SQLITE_BUSY) {
      throw new StartError(`another npm start is running on ${root}; stop it, or choose another folder with --data`);
    }
    if (errcode !== SQLITE_NOTADB) throw unusable(root, { name: 'Error', message, code: 'EACCES', path: file });
    rmSync(file);
    return open();
  }
}

const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;

function unusable(root: string, error: NodeJS.ErrnoException): StartError {
  const path = error.path ?? root;
  const mend: Record<string, string> = {
    EEXIST: `${path} is not a folder; move it away`,
    ENOTDIR: `something on the way to ${path} is a file, not a folder; move it away`,
    EACCES: `no permission to write at ${path}; change its owner`,
    EPERM: `no permission to write at ${path}; change its owner`,
    EROFS: `${path} can only be read`,
    ENOSPC: 'the disk is full; make room',
  };
  const reason = mend[error.code ?? ''] ?? error.message;
  return new StartError(`data folder: ${reason}, or choose another folder with --data`);
}
