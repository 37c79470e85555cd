/**
 * Runs a real Redis that keeps nothing and stops with its parent; `PORT` 0 takes any free port. `REDIS_FOLDER` is where a node of a cluster
 * keeps what it knows of the others; absent: it is none. `REDIS_REPLICA_OF` is the port of its master. `REDIS_SENTINEL` is a file with the settings of a
 * sentinel, which it writes to; with it there is no store. `REDIS_CERTIFICATE` and `REDIS_KEY` are files; with them it speaks TLS alone.
 */
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { reservePort } from '../../network/reserve-port.ts';
import { runProgram, StartError, type RunningProgram } from '../../subgraphs/kit/program.ts';

const STOP_MS = 3_000;

await runProgram('Redis', () => start(Number(process.env['PORT'] ?? 0)));

async function start(wantedPort: number): Promise<RunningProgram> {
  // Redis does not say which port it took when it is given 0.
  const port = await reservePort(wantedPort);
  const { REDIS_FOLDER: folder, REDIS_CERTIFICATE: certificate, REDIS_KEY: key } = process.env;
  const { REDIS_REPLICA_OF: masterPort, REDIS_SENTINEL: sentinelFile } = process.env;
  const keepNothing = ['--save', '', '--appendonly', 'no', '--dir', folder ?? tmpdir(), '--daemonize', 'no'];
  const listening = certificate
    ? ['--port', '0', '--tls-port', String(port), '--tls-cert-file', certificate, '--tls-key-file', key!]
    : ['--port', String(port)];
  const tls = certificate ? ['--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no'] : [];
  const cluster = folder ? ['--cluster-enabled', 'yes', '--cluster-port', String(await reservePort(0))] : [];
  // A copy for a replica goes from memory to memory, at once.
  const replication = ['--repl-diskless-sync-delay', '0', '--repl-diskless-load', 'on-empty-db'];
  const master = masterPort ? ['--replicaof', '127.0.0.1', masterPort] : [];
  const store = [...tls, ...cluster, ...replication, ...master, ...keepNothing];
  const kind = sentinelFile ? [sentinelFile, '--sentinel'] : [];
  const args = [...kind, ...listening, '--bind', '127.0.0.1', ...(sentinelFile ? [] : store)];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => reject(new StartError('redis-server is not installed; run: npm run services')));
    let written = '';
    server.stdout.on('data', (chunk: Buffer) => {
      written += chunk.toString();
      if (/Ready to accept connections|Sentinel ID is/.test(written)) resolve();
    });
    void exited.then(() => reject(new StartError(`redis-server ended: ${written.trim().split('\n').at(-1)}`)));
  });
  void exited.then(() => process.exit(0));
  return {
    url: `${certificate ? 'rediss' : 'redis'}://127.0.0.1:${port}`,
    async close() {
      server.kill('SIGTERM');
      setTimeout(() => server.kill('SIGKILL'), STOP_MS).unref();
      await exited;
    },
  };
}
