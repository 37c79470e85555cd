import { readFile, stat } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { SupergraphError } from './load.ts';
import type { SupergraphSource } from './source.ts';

const LOOK_EVERY_MS = 1_000;

/** A file that holds a supergraph. */
export function fileSource(
  file: string,
  { lookEveryMs = LOOK_EVERY_MS, maxBytes }: Pick<Config['reload'], 'lookEveryMs' | 'maxBytes'>,
): SupergraphSource {
  return {
    description: file,
    lookEveryMs,
    mayBeHalfWritten: true,
    async read() {
      const { size } = await stat(file).catch((error: unknown) => refuse(file, error));
      if (size > maxBytes) refuse(file, new Error(`it has ${size} bytes, and reload.maxBytes allows ${maxBytes}`));
      return readFile(file, 'utf8').catch((error: unknown) => refuse(file, error));
    },
    close: () => undefined,
  };
}

function refuse(file: string, error: unknown): never {
  throw new SupergraphError(`The supergraph ${file} cannot be read: ${(error as Error).message}`, { cause: error });
}
