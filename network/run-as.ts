import { execFileSync } from 'node:child_process';
import { accessSync, chownSync, constants, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StartError } from '../subgraphs/kit/program.ts';
import type { RunAs } from './process.ts';

/** The user PostgreSQL runs as when this process is root's, as which it refuses to run. */
const POSTGRES_USER = 'postgres';

/** Bits of `CapEff`: reading and entering any folder; the second may also write there. */
const CAPABILITIES = [
  { bit: 2n, name: 'dac_read_search' },
  { bit: 1n, name: 'dac_override' },
];

/**
 * The user to run PostgreSQL as, owning `folder`; absent when this process is not root's.
 *
 * A clone under `/root` or `mktemp -d` lies where no other user may enter. Then the program is started through
 * `setpriv` (util-linux) with the one capability that lets it.
 *
 * @param folder made when absent, and given to that user
 * @param reads files and folders the program has to reach
 * @throws StartError when no such user can be made, or it cannot reach what it needs
 */
export function runPostgresAs(folder: string, reads: readonly string[]): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = findUser() ?? createUser();
  mkdirSync(folder, { recursive: true });
  chownSync(folder, user.uid, user.gid);
  const closed = [dirname(folder), ...reads].map(findClosedFolder).find((found) => found !== undefined);
  return closed === undefined ? user : { ...user, through: commandThatEnters(user, closed) };
}

function findUser(): RunAs | undefined {
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === POSTGRES_USER);
  return entry && { uid: Number(entry[2]), gid: Number(entry[3]) };
}

function createUser(): RunAs {
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', POSTGRES_USER], { stdio: 'pipe' });
  } catch {
    throw cannotRun('a user for it could not be made with useradd');
  }
  const user = findUser();
  if (!user) throw cannotRun('the user made for it is not in /etc/passwd');
  return user;
}

/** The nearest folder on the way to `path` that other users may not enter. */
function findClosedFolder(path: string): string | undefined {
  for (let folder = resolve(path), parent = dirname(folder); ; folder = parent, parent = dirname(folder)) {
    const stats = statSync(folder);
    if (stats.isDirectory() && (stats.mode & constants.S_IXOTH) === 0) return folder;
    if (folder === parent) return undefined;
  }
}

function commandThatEnters(user: RunAs, closed: string): string[] {
  const capability = CAPABILITIES.find(({ bit }) => (effectiveCapabilities() >> bit) & 1n);
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv', '/sbin/setpriv'].find(isExecutable);
  if (!capability || !setpriv) throw cannotRun(`it may not enter ${closed} (try: chmod o+x ${closed})`);
  const grant = `+${capability.name}`;
  return [
    setpriv,
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    '--clear-groups',
    `--inh-caps=${grant}`,
    `--ambient-caps=${grant}`,
    '--',
  ];
}

function effectiveCapabilities(): bigint {
  try {
    const found = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return found === undefined ? 0n : BigInt(`0x${found}`);
  } catch {
    return 0n;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function cannotRun(reason: string): StartError {
  return new StartError(
    `PostgreSQL does not run as root, and ${reason}; start as another user, or set DATABASE_URL to a running server`,
  );
}
