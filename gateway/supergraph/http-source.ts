import { request, type Dispatcher } from 'undici';
import type { Config } from '../config/config.ts';
import { readBoundedText } from './bounded-text.ts';
import { SupergraphError } from './load.ts';
import type { SupergraphSource } from './source.ts';

const LOOK_EVERY_MS = 10_000;

/**
 * A supergraph that is got over HTTP. Where the server names its version by an ETag, it is sent again only when it has changed (RFC 9110,
 * section 13.1.2). Redirects are not followed: who serves the supergraph decides whom departments' data is asked of.
 *
 * @param dispatcher connects. Default: undici's, which trusts Node's roots
 */
export function httpSource(
  url: string,
  { lookEveryMs = LOOK_EVERY_MS, timeoutMs, maxBytes, headers }: Config['reload'],
  dispatcher?: Dispatcher,
): SupergraphSource {
  const closing = new AbortController();
  const description = withoutSecrets(url);
  let last: { etag: string; sdl: string } | undefined;
  const read = async (): Promise<string> => {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]);
    const conditions = last ? { 'if-none-match': last.etag } : {};
    const answer = await request(url, {
      headers: { ...headers, ...conditions },
      signal,
      ...(dispatcher && { dispatcher }),
    });
    if (answer.statusCode === 304 && last) {
      await answer.body.dump();
      return last.sdl;
    }
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      throw new Error(`it was answered with status ${answer.statusCode}`);
    }
    const sdl = await readBoundedText(answer.body, maxBytes);
    const { etag } = answer.headers;
    last = typeof etag === 'string' ? { etag, sdl } : undefined;
    return sdl;
  };
  return {
    description,
    lookEveryMs,
    mayBeHalfWritten: false,
    read: () =>
      read().catch((error: unknown) => {
        const reason = isTimeout(error) ? `it took more than ${timeoutMs} ms` : (error as Error).message;
        throw new SupergraphError(`The supergraph ${description} cannot be got: ${reason}`, { cause: error });
      }),
    close: () => closing.abort(),
  };
}

function isTimeout(error: unknown): boolean {
  return (error as Error).name === 'TimeoutError';
}

/** Passwords and tokens are in what stands before the host and after the path. */
function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
