/**
 * What every program of the network does the same way: say that it is ready, stop when told, and fail with one line.
 *
 * Started by hand, a program prints its line. Started by another program over an IPC channel it also sends
 * {@link ReadyMessage}, and stops by itself when that channel closes, so that a killed parent leaves no orphan.
 */

/** Sent to the parent process once the program answers. */
export interface ReadyMessage {
  ready: true;
  /** Where it answers, for example `http://127.0.0.1:4107/graphql`. */
  url: string;
}

/** Sent to the parent process when the program cannot start; it exits with code 1 afterwards. */
export interface FailedMessage {
  ready: false;
  /** What was wrong and what to do, in one line. */
  reason: string;
}

export interface RunningProgram {
  url: string;
  close(): Promise<void>;
}

/** A reason to stop that is the user's to mend: it is shown as one line, without a stack. */
export class StartError extends Error {
  override name = 'StartError';
}

/**
 * Starts a program and ties it to the process: ready message, SIGTERM, SIGINT, loss of the parent.
 *
 * @param name how the program calls itself in its one line
 * @param start brings it up; a {@link StartError} or a system error such as `EADDRINUSE` becomes one clear line
 */
export async function runProgram(name: string, start: () => Promise<RunningProgram>): Promise<void> {
  // A parent that is gone before this program has started would otherwise leave it running for nobody.
  const orphaned = (): void => process.exit(1);
  process.once('disconnect', orphaned);
  let running: RunningProgram;
  try {
    running = await start();
    process.off('disconnect', orphaned);
  } catch (error) {
    const reason = `${name}: ${explainStartError(error)}`;
    await tellParent({ ready: false, reason });
    console.error(reason);
    process.exit(1);
  }
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`${name}: did not stop cleanly: ${String(error)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
  await tellParent({ ready: true, url: running.url });
  if (!process.send) console.log(`${name} ready at ${running.url}`);
}

/** Turns what a start threw into what was wrong and what to do. */
export function explainStartError(error: unknown): string {
  if (error instanceof StartError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, port, path } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `port ${port} is taken; stop what listens there or choose another port`;
  if (code === 'EACCES' && port !== undefined)
    return `port ${port} needs a permission this user lacks; choose one above 1023`;
  if (code === 'EACCES' || code === 'EPERM')
    return `no permission for ${path}; change its owner or choose another folder`;
  if (code === 'ENOENT') return `${path} does not exist`;
  return error.stack ?? error.message;
}

function tellParent(message: ReadyMessage | FailedMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(message, undefined, undefined, () => resolve());
    else resolve();
  });
}
