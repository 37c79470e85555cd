import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import { systemUnavailable } from './faults.ts';
import type { AskOptions, RecordSource } from './record-source.ts';

/** Questions under way at once. */
const MAX_AT_ONCE = 8;
/** Questions that wait for their turn; beyond it a request is refused instead of queued. */
const MAX_WAITING = 400;

/**
 * A source that is asked so many questions at once and no more, and for whose answer nobody waits longer than there is time,
 * whatever the source does.
 *
 * @param holds what it holds, as messages call it
 */
export function boundedSource(source: RecordSource, holds: string): RecordSource {
  const turns = bulkhead(MAX_AT_ONCE, MAX_WAITING);
  const ask = async <T>(question: () => Promise<T>, { signal }: AskOptions): Promise<T> => {
    try {
      return await inTime(() => turns.execute(question, signal), signal);
    } catch (error) {
      if (error instanceof BulkheadRejectedError)
        throw systemUnavailable(`The ${holds} has too many questions waiting; try again.`, error);
      if (signal.aborted) throw systemUnavailable(`The ${holds} did not answer in time.`, error);
      throw error;
    }
  };
  return {
    describe: (collection) => source.describe(collection),
    refusalOf: (question) => source.refusalOf(question),
    byKeys: (question, options) => ask(() => source.byKeys(question, options), options),
    related: (question, options) => ask(() => source.related(question, options), options),
    page: (question, options) => ask(() => source.page(question, options), options),
    stats: () => source.stats?.() ?? {},
    close: () => source.close(),
  };
}

async function inTime<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let over: (() => void) | undefined;
  const end = new Promise<never>((_, reject) => {
    over = () => reject(signal.reason as Error);
    signal.addEventListener('abort', over, { once: true });
  });
  try {
    return await Promise.race([work(), end]);
  } finally {
    signal.removeEventListener('abort', over!);
  }
}
