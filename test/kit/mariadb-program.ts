/**
 * Runs a real MariaDB that keeps nothing and stops with its parent. `PORT` 0 takes any free port, `MARIADB_FOLDER` is where its data lie.
 * It is the server of Debian's `mariadb-server-core` alone, set up by that package's own statements: nothing of the machine's own server is read or written.
 */
import { randomBytes } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reservePort } from '../../network/reserve-port.ts';
import { runProgram, StartError, type RunningProgram } from '../../subgraphs/kit/program.ts';

const STOP_MS = 5_000;
/** Where Debian's packages put the server, which is on root's PATH alone. */
const PLACES = ['/usr/sbin/mariadbd', '/usr/local/sbin/mariadbd', '/usr/sbin/mysqld'];
const SYSTEM_TABLES = ['system_tables.sql', 'performance_tables.sql', 'system_tables_data.sql'];
/** Since MariaDB 11 its files have its own name. */
const STATEMENTS = ['/usr/share/mysql/mysql_', '/usr/share/mysql/mariadb_', '/usr/share/mariadb/mariadb_'];

await runProgram('MariaDB', () => start(Number(process.env['PORT'] ?? 0), process.env['MARIADB_FOLDER']!));

async function start(wantedPort: number, folder: string): Promise<RunningProgram> {
  const command = PLACES.find((place) => existsSync(place));
  if (!command) throw new StartError('MariaDB is not installed; run: npm run services');
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  const password = randomBytes(18).toString('base64url');
  // A server of root's must be told that this is meant.
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const small = ['--innodb-buffer-pool-size=16M', '--innodb-log-file-size=4M', '--innodb-flush-log-at-trx-commit=0'];
  const common = ['--no-defaults', `--datadir=${data}`, ...user, ...small];
  setUp(command, common, password);
  const port = await reservePort(wantedPort);
  const listening = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(folder, 'socket')}`];
  const server = spawn(command, [...common, ...listening, '--skip-name-resolve', '--max-statement-time=60'], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let written = '';
    server.stderr.on('data', (chunk: Buffer) => {
      written += chunk.toString();
      if (written.includes('ready for connections')) resolve();
    });
    void exited.then(() => reject(new StartError(`MariaDB ended: ${written.trim().split('\n').at(-1)}`)));
  });
  void exited.then(() => process.exit(0));
  return {
    url: `mysql://switchyard:${password}@127.0.0.1:${port}/`,
    async close() {
      server.kill('SIGTERM');
      setTimeout(() => server.kill('SIGKILL'), STOP_MS).unref();
      await exited;
    },
  };
}

/** Makes the server's own tables and one user. In this mode it takes a statement a line. */
function setUp(command: string, common: readonly string[], password: string): void {
  const prefix = STATEMENTS.find((each) => existsSync(each + SYSTEM_TABLES[0]));
  if (prefix === undefined)
    throw new StartError(`MariaDB has no statements to be set up with: ${STATEMENTS.join(', ')}`);
  const tables = SYSTEM_TABLES.map((file) => readFileSync(prefix + file, 'utf8'));
  const account = `switchyard@'127.0.0.1'`;
  const statements = [
    'CREATE DATABASE mysql;\nUSE mysql;',
    ...tables,
    'FLUSH PRIVILEGES;',
    `CREATE USER ${account} IDENTIFIED BY '${password}';`,
    `GRANT ALL ON *.* TO ${account} WITH GRANT OPTION;`,
  ];
  const { status, stderr } = spawnSync(command, [...common, '--bootstrap', '--skip-networking'], {
    input: `${statements.join('\n')}\n`,
    encoding: 'utf8',
  });
  if (status !== 0) throw new StartError(`MariaDB could not be set up: ${stderr.trim().split('\n').at(-1)}`);
}
