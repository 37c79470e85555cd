import { setTimeout as delay } from 'node:timers/promises';
import type { Report } from './events.ts';
import { lastLines, startProgram, type ProgramExit, type ProgramSpec, type StartedProgram } from './process.ts';

/** A program that is started again when it dies. */
export interface SupervisedProgram {
  name: string;
  /** Where it answers; the same after every start. */
  url: string;
  pid(): number;
  /** Ends it as a crash would, and leaves it so until {@link restart}. */
  kill(): Promise<void>;
  /** Starts it where it was. @throws StartError when it does not come up */
  restart(): Promise<void>;
  /** Stops it for good. */
  stop(): Promise<void>;
}

/** Waits before the first, second, ... restart in a row; after the last it is given up. */
const RESTART_DELAYS_MS = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000];
/** A program that ran this long starts counting anew. */
const STEADY_MS = 60_000;

/**
 * Starts a program and keeps it running.
 *
 * @param report hears when it ends and when it is back
 * @param signal stops it while it is starting for the first time
 * @throws StartError when it does not come up the first time
 */
export async function supervise(spec: ProgramSpec, report: Report, signal: AbortSignal): Promise<SupervisedProgram> {
  let program = await startProgram(spec, signal);
  const { url } = program;
  const again: ProgramSpec = { ...spec, env: { ...spec.env, PORT: new URL(url).port } };
  const closed = new AbortController();
  let held = false;
  /** Counts what was asked for by hand, so that a restart under way does not undo it. */
  let turn = 0;
  let failures = 0;
  let returning: Promise<void> = Promise.resolve();

  function watch(watched: StartedProgram, startedMs = performance.now()): void {
    void watched.exited.then((exit) => {
      if (held || closed.signal.aborted || watched !== program) return;
      if (performance.now() - startedMs > STEADY_MS) failures = 0;
      returning = bringBack(describeExit(exit, spec));
    });
  }

  async function bringBack(reason: string): Promise<void> {
    const began = turn;
    const restartInMs = RESTART_DELAYS_MS[failures];
    failures += 1;
    report({ event: 'ended', name: spec.name, reason, ...(restartInMs !== undefined && { restartInMs }) });
    if (restartInMs === undefined) return;
    try {
      await delay(restartInMs, undefined, { signal: closed.signal });
      if (turn === began) await startAgain();
    } catch (error) {
      if (!closed.signal.aborted && turn === began)
        await bringBack(error instanceof Error ? error.message : String(error));
    }
  }

  async function startAgain(): Promise<void> {
    program = await startProgram(again, closed.signal);
    watch(program);
    report({ event: 'restarted', name: spec.name, url, pid: program.pid });
  }

  watch(program);
  return {
    name: spec.name,
    url,
    pid: () => program.pid,
    async kill() {
      held = true;
      turn += 1;
      await program.kill();
    },
    async restart() {
      held = false;
      turn += 1;
      await startAgain();
    },
    async stop() {
      closed.abort();
      await returning;
      await program.stop();
    },
  };
}

function describeExit({ code, signal }: ProgramExit, { logFile }: ProgramSpec): string {
  const [line] = lastLines(logFile, 1);
  return `ended with ${signal ?? `code ${code}`}${line ? ` (${line.trim()})` : ''}; see ${logFile}`;
}
