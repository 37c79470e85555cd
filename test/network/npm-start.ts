import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { vi } from 'vitest';
import type { NetworkEvent } from '../../network/events.ts';
import { projectRoot } from '../../network/settings.ts';

type EventOf<Kind extends NetworkEvent['event']> = Extract<NetworkEvent, { event: Kind }>;

/** `npm start` with `--json`, as a process of its own. */
export interface NpmStart {
  pid: number;
  events: NetworkEvent[];
  /** The first event of a kind that matches, once it comes; fails when the process ends before it. */
  next<Kind extends NetworkEvent['event']>(
    kind: Kind,
    matches?: (event: EventOf<Kind>) => boolean,
  ): Promise<EventOf<Kind>>;
  /** Sends a signal to the process, or to its whole group as a terminal does. */
  signal(name: NodeJS.Signals, to?: 'process' | 'group'): void;
  exited: Promise<{ code: number | null; output: string }>;
  /** Every living process it started, however deep, and itself. */
  processes(): number[];
}

export interface NpmStartOptions {
  args: readonly string[];
  env?: Record<string, string>;
  uid?: number;
  /** Whether npm itself starts it, under the shell it uses. */
  throughNpm?: boolean;
}

/** Starts `node network/main.ts --json` with a mark in its environment, which every process below it inherits. */
export function npmStart({ args, env, uid, throughNpm = false }: NpmStartOptions): NpmStart {
  const mark = randomUUID();
  const { DATABASE_URL: _, REDIS_URL: __, ...outer } = process.env;
  const command = throughNpm ? 'npm' : process.execPath;
  const before = throughNpm ? ['--silent', 'start', '--'] : [join(projectRoot, 'network/main.ts')];
  const child = spawn(command, [...before, '--json', ...args], {
    cwd: projectRoot,
    env: { ...outer, ...env, SWITCHYARD_TEST_MARK: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(uid !== undefined && { uid }),
  });
  const events: NetworkEvent[] = [];
  const listeners = new Set<(event: NetworkEvent) => void>();
  let output = '';
  createInterface(child.stdout).on('line', (line) => {
    output += `${line}\n`;
    const event = JSON.parse(line) as NetworkEvent;
    events.push(event);
    for (const listener of listeners) listener(event);
  });
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, output }));
  });
  const pid = child.pid as number;
  return {
    pid,
    events,
    exited,
    next(kind, matches = () => true) {
      const fits = (event: NetworkEvent): event is EventOf<typeof kind> =>
        event.event === kind && matches(event as EventOf<typeof kind>);
      return new Promise((resolve, reject) => {
        const seen = events.find(fits);
        if (seen) resolve(seen);
        listeners.add((event) => fits(event) && resolve(event));
        void exited.then((exit) => reject(new Error(`ended before "${kind}": ${exit.output}`)));
      });
    },
    signal: (name, to = 'process') => void process.kill(to === 'group' ? -pid : pid, name),
    processes: () => processesMarked(mark),
  };
}

/** Waits until none of a start's processes is left. */
export async function whenNoneIsLeft(start: NpmStart, timeoutMs = 10_000): Promise<void> {
  await vi.waitUntil(() => start.processes().length === 0, { timeout: timeoutMs, interval: 50 });
}

/** Ends what a failed test left. */
export function killAll(start: NpmStart): void {
  for (const pid of start.processes()) process.kill(pid, 'SIGKILL');
}

function processesMarked(mark: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => readEnvironment(pid).includes(`SWITCHYARD_TEST_MARK=${mark}`)).map(Number);
}

/** Empty for a process that has ended, even where nobody has asked for its exit code yet. */
function readEnvironment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}
