import { readFile } from 'node:fs/promises';

/** Set in a program's environment, it lets {@link liveHeapBytes} look into it: its inspector listens on a free port. */
export const INSPECTED = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** How long the program may take to collect its garbage, in milliseconds. */
const COLLECTED_WITHIN_MS = 60_000;

/**
 * What of a program's heap is alive: what is left of it after everything that nobody needs was collected. Its threads have heaps of their
 * own, which are not in it.
 *
 * @param logFile where the program's output goes, which says where its inspector listens
 */
export async function liveHeapBytes(logFile: string): Promise<number> {
  const log = await readFile(logFile, 'utf8');
  const url = /ws:\/\/\S+/.exec(log)?.[0];
  if (url === undefined) throw new Error(`${logFile} names no inspector`);
  const socket = new WebSocket(url);
  try {
    await eventOf(socket, 'open');
    await callInspector(socket, 'HeapProfiler.collectGarbage');
    const { usedSize } = (await callInspector(socket, 'Runtime.getHeapUsage')) as { usedSize: number };
    return usedSize;
  } finally {
    socket.close();
  }
}

/** Calls a method of the Chrome DevTools Protocol that takes nothing; one at a time. */
async function callInspector(socket: WebSocket, method: string): Promise<unknown> {
  socket.send(JSON.stringify({ id: 1, method }));
  const { data } = (await eventOf(socket, 'message')) as Event & { data: string };
  const { result, error } = JSON.parse(data) as { result?: unknown; error?: { message: string } };
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}

function eventOf(socket: WebSocket, name: 'open' | 'message'): Promise<Event> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(COLLECTED_WITHIN_MS);
    signal.addEventListener('abort', () => reject(new Error(`the inspector gave no ${name} in time`)));
    socket.addEventListener('error', () => reject(new Error('the inspector cannot be reached')), {
      signal,
      once: true,
    });
    socket.addEventListener(name, resolve, { signal, once: true });
  });
}
