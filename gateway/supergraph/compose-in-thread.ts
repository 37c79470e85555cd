import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CompositionResult, SubgraphSource } from './composition.ts';

/**
 * Composes beside what else is done: where there are many subgraphs it takes seconds.
 * @throws Error where it takes too long, or is no longer wanted
 */
export async function composeInThread(
  subgraphs: readonly SubgraphSource[],
  signal: AbortSignal,
): Promise<CompositionResult> {
  signal.throwIfAborted();
  const thread = new Worker(new URL(`./compose-thread${path.extname(import.meta.url)}`, import.meta.url), {
    workerData: subgraphs,
  });
  const { promise, resolve, reject } = Promise.withResolvers<CompositionResult>();
  const onAbort = (): void => reject(new Error('it took too long', { cause: signal.reason }));
  signal.addEventListener('abort', onAbort);
  thread.once('message', resolve);
  thread.once('error', reject);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    await thread.terminate();
  }
}
