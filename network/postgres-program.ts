import { join } from 'node:path';
import type { ProgramSpec } from './process.ts';
import { runPostgresAs } from './run-as.ts';
import { projectRoot } from './settings.ts';

/** Where the embedded PostgreSQL listens unless told otherwise. */
export const POSTGRES_PORT = 4132;

/** The embedded PostgreSQL as a program. */
export function postgresProgram(options: {
  folder: string;
  port: number;
  logs: string;
  durable: boolean;
}): ProgramSpec {
  const runAs = runPostgresAs(options.folder, [projectRoot, process.execPath]);
  return {
    name: 'PostgreSQL',
    args: [join(projectRoot, 'network/postgres.ts')],
    env: {
      PORT: String(options.port),
      POSTGRES_FOLDER: options.folder,
      POSTGRES_DURABLE: options.durable ? 'yes' : 'no',
      // The user's own folder for passing files may be closed to the server's user.
      TMPDIR: options.folder,
    },
    logFile: join(options.logs, 'postgres.log'),
    readyWithinMs: 45_000,
    stopWithinMs: 10_000,
    ...(runAs && { runAs }),
  };
}
