/** `npm run services`: installs what the tests need and a bare machine lacks. */
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { colors as pc } from '../gateway/cli/colors.ts';

/** A program the tests run, and the Debian package it comes in. */
interface Service {
  /** Names it goes by on the PATH; the first found is used. */
  commands: readonly string[];
  debianPackage: string;
  neededFor: string;
}

const services: readonly Service[] = [
  { commands: ['redis-server'], debianPackage: 'redis-server', neededFor: 'the tests against a real Redis' },
  {
    // The server alone: no service, no folder of data, nothing that starts. The tests give it a port and a folder of its own.
    commands: ['mariadbd'],
    debianPackage: 'mariadb-server-core',
    neededFor: 'the tests against a real MariaDB',
  },
  {
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    debianPackage: 'chromium',
    neededFor: 'the tests in a real browser',
  },
];

/** Tells Debian's packages not to start the services they bring. */
const policyFile = '/usr/sbin/policy-rc.d';

/** Where Debian puts servers; only root's PATH has them. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

process.exitCode = installMissing();

function installMissing(): number {
  const missing = services.filter((service) => findCommand(service) === undefined);
  if (missing.length === 0) return 0;
  const prefix = rootPrefix();
  if (prefix && isOnPath('apt-get')) install(missing, prefix);
  const still = services.filter((service) => findCommand(service) === undefined);
  for (const { commands, debianPackage, neededFor } of still) {
    console.error(
      `${pc.red('missing')} ${commands[0]}, needed for ${neededFor}; install it, on Debian or Ubuntu with: ` +
        `sudo apt-get install ${debianPackage}`,
    );
  }
  return still.length === 0 ? 0 : 1;
}

function install(missing: readonly Service[], prefix: readonly string[]): void {
  const packages = missing.map((service) => service.debianPackage);
  const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0', '-o', 'Acquire::Retries=3', '-o', 'DPkg::Lock::Timeout=120'];
  const steps = [
    { says: 'reading the list of packages', command: ['apt-get', ...quiet, 'update'] },
    {
      says: `installing ${packages.join(' and ')}`,
      command: ['apt-get', ...quiet, 'install', '--yes', '--no-install-recommends', ...packages],
    },
  ];
  const lift = forbidServiceStarts(prefix);
  try {
    for (const { says, command } of steps) if (!run(says, [...prefix, ...command])) return;
    disableRedisService(prefix);
  } finally {
    lift();
  }
}

/** Runs one step with a line before and after it; shows the command's own output only when it fails. */
function run(says: string, [command, ...args]: readonly string[]): boolean {
  const startedMs = performance.now();
  console.log(`${pc.cyan('·')} ${says} ...`);
  const { status, stderr, stdout, error } = spawnSync(command as string, args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  if (status === 0) console.log(`${pc.green('✓')} ${says} ${pc.dim(`${seconds} s`)}`);
  else console.error(`${pc.red('✗')} ${says}: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
  return status === 0;
}

/** A Redis that starts with its package would occupy port 6379 and outlive the tests. */
function forbidServiceStarts(prefix: readonly string[]): () => void {
  if (existsSync(policyFile)) return () => undefined;
  const asRoot = (args: readonly string[], input = ''): void => {
    const [command, ...rest] = [...prefix, ...args];
    spawnSync(command as string, rest, { input, stdio: ['pipe', 'ignore', 'ignore'] });
  };
  asRoot(['install', '-m', '755', '/dev/stdin', policyFile], '#!/bin/sh\nexit 101\n');
  return () => asRoot(['rm', '-f', policyFile]);
}

function disableRedisService(prefix: readonly string[]): void {
  if (!existsSync('/run/systemd/system')) return;
  const [command, ...args] = [...prefix, 'systemctl', 'disable', '--now', 'redis-server'];
  spawnSync(command, args, { stdio: 'ignore' });
}

/** What makes a command root's: nothing, `sudo`, or undefined when neither is possible without asking. */
function rootPrefix(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  try {
    execFileSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
    return ['sudo', '-n', '--preserve-env=DEBIAN_FRONTEND'];
  } catch {
    return undefined;
  }
}

function findCommand(service: Service): string | undefined {
  return service.commands.find(isOnPath);
}

function isOnPath(command: string): boolean {
  return [...(process.env['PATH'] ?? '').split(delimiter), ...SERVER_FOLDERS].some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
