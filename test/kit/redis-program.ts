/**
 * Runs a real Redis that keeps nothing and stops with its parent; `PORT` 0 takes any free port. `REDIS_FOLDER` is where a node of a cluster
 * keeps what it knows of the others; absent: it is none. `REDIS_CERTIFICATE` and `REDIS_KEY` are files; with them it speaks TLS alone.
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
  const keepNothing = ['--save', '', '--appendonly', 'no', '--dir', folder ?? tmpdir(), '--daemonize', 'no'];
  const listening = certificate
    ? ['--port', '0', '--tls-port', String(port), '--tls-cert-file', certificate, '--tls-key-file', key!]
    : ['--port', String(port)];
  const tls = certificate ? ['--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no'] : [];
  const cluster = folder ? ['--cluster-enabled', 'yes', '--cluster-port', String(await reservePort(0))] : [];
  const server = spawn('redis-server', [...listening, ...tls, ...cluster, '--bind', '127.0.0.1', ...keepNothing], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => reject(new StartError('redis-server is not installed; run: npm run services')));
    let written = '';
    server.stdout.on('data', (chunk: Buffer) => {
      written += chunk.toString();
      if (written.includes('Ready to accept connections')) resolve();
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
