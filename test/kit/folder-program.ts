/**
 * Removes the folder `FOLDER` when its parent stops it or is gone: Vitest ends on Ctrl-C at once, without a teardown.
 */
import { existsSync, rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { runProgram } from '../../subgraphs/kit/program.ts';

const TRIES = 80;
const BETWEEN_TRIES_MS = 100;

const folder = process.env['FOLDER'];
if (folder === undefined) throw new Error('FOLDER is not set');
// At the very end, as a parent may be gone before this program is ready.
process.once('exit', () => remove(folder));

await runProgram('temporary folder', () =>
  Promise.resolve({ url: pathToFileURL(folder).href, close: () => Promise.resolve() }),
);

/**
 * Tries again while programs that write there are still stopping. A file that vanishes under it makes `rmSync` give up
 * without a word, so what counts is whether the folder is gone.
 */
function remove(path: string): void {
  const waiting = new Int32Array(new SharedArrayBuffer(4));
  for (let tried = 0; tried < TRIES; tried += 1) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Not empty: something was written there meanwhile.
    }
    if (!existsSync(path)) return;
    Atomics.wait(waiting, 0, 0, BETWEEN_TRIES_MS);
  }
}
