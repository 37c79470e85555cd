import type { Config } from '../config/config.ts';
import type { CompositionResult } from './composition.ts';
import { composeInThread } from './compose-in-thread.ts';
import { SupergraphError } from './load.ts';
import type { SupergraphSource } from './source.ts';
import { readSubgraphs } from './supergraph-config.ts';

const LOOK_EVERY_MS = 1_000;

/**
 * A supergraph that is composed of the subgraphs in a `supergraph.yaml`: of files, and of what running subgraphs say of themselves. It is
 * composed where something of that has changed, in a thread, as composing takes seconds where there are many.
 */
export function composedSource(
  file: string,
  { lookEveryMs = LOOK_EVERY_MS, timeoutMs }: Pick<Config['reload'], 'lookEveryMs' | 'timeoutMs'>,
): SupergraphSource {
  const closing = new AbortController();
  let last: { of: string; sdl: string } | undefined;
  const read = async (): Promise<string> => {
    const subgraphs = await readSubgraphs(file);
    const of = JSON.stringify(subgraphs);
    if (last?.of === of) return last.sdl;
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]);
    const composed = await composeInThread(subgraphs, signal);
    if (!composed.ok) throw new Error(composed.problems.map(describeProblem).join('\n'));
    last = { of, sdl: composed.sdl };
    return composed.sdl;
  };
  return {
    description: file,
    lookEveryMs,
    mayBeHalfWritten: true,
    read: () =>
      read().catch((error: unknown) => {
        throw new SupergraphError(`The supergraph of ${file} cannot be composed: ${(error as Error).message}`, {
          cause: error,
        });
      }),
    close: () => closing.abort(),
  };
}

function describeProblem({ code, message, places, advice }: (CompositionResult & { ok: false })['problems'][number]) {
  const where = places.map(({ origin, line, column }) => `${origin}:${line}:${column}`).join(', ');
  return `${code} ${message} (${where}) ${advice}`;
}
