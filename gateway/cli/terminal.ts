import type { DestinationStream } from 'pino';

/** The message by which a supervisor tells a worker to stop. */
export const STOP_WORKER = 'stop';

/** What a command may use of the process it runs in. */
export interface Terminal {
  env: Readonly<Record<string, string | undefined>>;
  print(line: string): void;
  printError(line: string): void;
  /** Shows what is being done in a line that the next one takes the place of, where a person looks; undefined: it is done. */
  showProgress(line: string | undefined): void;
  /** Where logs go. */
  logDestination: DestinationStream;
  exit(code: number): void;
  /**
   * Calls back once when the process is told to stop: SIGTERM, SIGINT, or the loss of a parent that was listening. The next signal ends the
   * process at once.
   */
  onStop(stop: () => void): void;
  /** Calls back each time the process is told to read its files again: SIGHUP, where no terminal is attached that could be hung up. */
  onReload(reload: () => void): void;
  /** Calls back each time the process is told to start its workers anew: SIGUSR2. */
  onRestart(restart: () => void): void;
  /** Where another program started this one and listens: tells it that the gateway, or the registry, is ready, or why it is not. */
  tellParent: ((message: { ready: true; url: string } | { ready: false; reason: string }) => Promise<void>) | undefined;
}
