import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { onSide, type Side } from './machine.ts';

/** How long a program may take until it answers. */
const START_TIMEOUT_MS = 60_000;
/** How long a program that was told to stop may still take. */
const STOP_TIMEOUT_MS = 5_000;

/** All programs that run, so that none outlives the bench. */
const running = new Set<ChildProcess>();

/** Ends every program that was started; whoever waits for one is told by an error, and tidies up. */
export function endAll(): void {
  for (const child of running) child.kill('SIGTERM');
}

/** A program that was started, with the end of what it printed. */
export interface Child {
  process: ChildProcess;
  pid: number;
  output(): string;
  stop(): Promise<void>;
}

/** Starts `node` with these arguments on its side of the machine, as in production, with an IPC channel. */
export function startNode(side: Side, args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const [command, ...rest] = onSide(side, [process.execPath, ...args]);
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_INHERITED.has(name)));
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...inherited, NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: 'true', ...env },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let output = '';
  const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-2_000));
  child.stdout!.on('data', keep);
  child.stderr!.on('data', keep);
  return { process: child, pid: child.pid!, output: () => output.trim(), stop: () => stop(child) };
}

/** What would change how a contestant runs, or keeps it from its own settings. */
const NOT_INHERITED = new Set(['REDIS_URL', 'PORT', 'HOST', 'NODE_OPTIONS', 'npm_command', 'SWITCHYARD_SUBGRAPH_URLS']);

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(timer);
}

/**
 * The next message of a child.
 * @throws Error with the end of its output where it ends instead
 */
export async function nextMessage<Message>(child: Child): Promise<Message> {
  const over = new AbortController();
  try {
    const ended = once(child.process, 'exit', { signal: over.signal }).then(() => {
      throw new Error(`A program of the bench ended: ${child.output()}`);
    });
    const told = once(child.process, 'message', { signal: over.signal }).then(([message]) => message as Message);
    return await Promise.race([told, ended]);
  } finally {
    over.abort();
  }
}

/**
 * Waits until a child answers GraphQL at `url`.
 * @throws Error with the end of its output where it ends or takes too long
 */
export async function waitUntilAnswering(child: Child, url: string, body: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (hasEnded(child.process)) throw new Error(`It ended: ${child.output()}`);
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(
      () => undefined,
    );
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await wait(100);
  }
  throw new Error(`It did not answer within ${START_TIMEOUT_MS / 1000} s: ${child.output()}`);
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
