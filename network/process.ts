import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError, type FailedMessage, type ReadyMessage } from '../subgraphs/kit/program.ts';
import { compileCacheFolder, projectRoot, switchyardCacheFolder } from './settings.ts';

/** A program to run as a child process that speaks {@link ReadyMessage} over its IPC channel. */
export interface ProgramSpec {
  /** How it is called in messages. */
  name: string;
  /** The file Node runs, absolute, and its arguments. */
  args: readonly string[];
  /** Added to this process's own environment, and to where Node keeps what it compiled; `undefined` takes a name away. */
  env: Readonly<Record<string, string | undefined>>;
  /** Where its output goes; started anew at each start. */
  logFile: string;
  /** How long it may take until it is ready; it is killed afterwards. */
  readyWithinMs: number;
  /** How long it may take to stop before it is killed. */
  stopWithinMs: number;
  /** Runs it as another user; absent: as this one. */
  runAs?: RunAs;
}

/** Another user to run a program as, which only root can do. */
export interface RunAs {
  uid: number;
  gid: number;
  /** A command that changes the user and then runs what follows it; absent: the system call does. */
  through?: readonly string[];
}

/** How a program ended. */
export interface ProgramExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A child process, whatever it speaks over its IPC channel. */
export interface SpawnedProgram {
  child: ChildProcess;
  /** Resolves once it has ended, however that came about, and with it what it left in its process group. */
  exited: Promise<ProgramExit>;
  /** Asks it to stop, and kills it when it takes longer than its bound. Safe to call again. */
  stop(): Promise<void>;
  /** Ends it at once, with nothing cleaned up: what a crash looks like. */
  kill(): Promise<void>;
}

/** A program that said it is ready. */
export interface StartedProgram extends Omit<SpawnedProgram, 'child'> {
  name: string;
  /** Where it answers. */
  url: string;
  pid: number;
}

/**
 * Starts a program and waits until it says that it is ready.
 *
 * @param signal stops the program while it is still starting
 * @throws StartError with the program's own reason when it cannot start, ends early or is too slow
 */
export async function startProgram(spec: ProgramSpec, signal?: AbortSignal): Promise<StartedProgram> {
  const { child, ...handle } = spawnProgram(spec);
  const onAbort = (): void => void handle.stop();
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  try {
    const url = await waitUntilReady(child, handle.exited, spec);
    return { ...handle, name: spec.name, url, pid: child.pid ?? 0 };
  } catch (error) {
    await handle.kill();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * Starts a program.
 *
 * It gets a process group of its own, so that Ctrl-C in a terminal reaches this process alone and the order of
 * stopping is ours to choose. Should this process die, the program sees its IPC channel close and stops by itself.
 */
export function spawnProgram(spec: ProgramSpec): SpawnedProgram {
  const child = spawnChild(spec);
  const exited = new Promise<ProgramExit>((resolve) => {
    child.once('exit', (code, signal) => {
      killGroup(child);
      resolve({ code, signal });
    });
    child.once('error', () => {
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
  return {
    child,
    exited,
    stop: () => stopChild(child, exited, spec.stopWithinMs),
    kill: () => killChild(child, exited),
  };
}

/** The last lines a program wrote, to show why it ended. */
export function lastLines(logFile: string, count = 5): string[] {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count);
  } catch {
    return [];
  }
}

function spawnChild(spec: ProgramSpec): ChildProcess {
  const log = openSync(spec.logFile, 'w');
  const { runAs } = spec;
  const [command, ...args] = [...(runAs?.through ?? []), process.execPath, ...spec.args];
  try {
    return spawn(command as string, args, {
      detached: true,
      cwd: projectRoot,
      env: { ...process.env, NODE_COMPILE_CACHE: compileCacheOf(spec), ...spec.env },
      stdio: ['ignore', log, log, 'ipc'],
      ...(runAs && !runAs.through && { uid: runAs.uid, gid: runAs.gid }),
    });
  } finally {
    closeSync(log);
  }
}

function compileCacheOf({ args: [file] }: ProgramSpec): string {
  return file === join(projectRoot, 'bin/switchyard.js') ? switchyardCacheFolder : compileCacheFolder;
}

async function waitUntilReady(child: ChildProcess, exited: Promise<ProgramExit>, spec: ProgramSpec): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      timer = setTimeout(() => reject(tooSlow(spec)), spec.readyWithinMs);
      child.once('error', (error) => reject(new StartError(`${spec.name}: ${error.message}`)));
      child.on('message', (message) => {
        const told = message as ReadyMessage | FailedMessage;
        if (told.ready) resolve(told.url);
        else reject(new StartError(told.reason));
      });
      // A turn later: the reason may still lie in the channel when the exit is seen.
      void exited.then((exit) => setImmediate(() => reject(endedEarly(spec, exit))));
    });
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow(spec: ProgramSpec): StartError {
  return new StartError(`${spec.name}: not ready after ${spec.readyWithinMs / 1000} s; see ${spec.logFile}`);
}

function endedEarly(spec: ProgramSpec, exit: ProgramExit): StartError {
  const [line] = lastLines(spec.logFile, 1);
  return new StartError(
    `${spec.name}: ended with ${exit.signal ?? `code ${exit.code}`} before it was ready` +
      `${line ? ` (${line.trim()})` : ''}; see ${spec.logFile}`,
  );
}

async function stopChild(child: ChildProcess, exited: Promise<ProgramExit>, withinMs: number): Promise<void> {
  if (hasEnded(child)) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => killGroup(child), withinMs);
  await exited;
  clearTimeout(timer);
}

async function killChild(child: ChildProcess, exited: Promise<ProgramExit>): Promise<void> {
  if (hasEnded(child)) return;
  killGroup(child);
  await exited;
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Kills the child, if it lives, and what is left of what it started. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is empty: everything in it has ended.
  }
}
