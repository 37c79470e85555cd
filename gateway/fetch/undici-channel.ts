import { isAscii } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { Pool, type Dispatcher } from 'undici';
import { millisecondsLeft, REQUEST_HEADERS, refuseHeaders } from './channel.ts';
import type { Channel, ChannelOptions, Receiver } from './channel.ts';

/** A channel for any URL, TLS too. */
export function openUndiciChannel({ url, maxConnections, timeoutHeader }: ChannelOptions): Channel {
  // The timer of each request ends it on time, whatever part of the answer is missing.
  const pool = new Pool(url.origin, { connections: maxConnections, headersTimeout: 0, bodyTimeout: 0 });
  const path = url.pathname + url.search;
  let closed: Promise<void> | undefined;
  return {
    send(body, receiver, extra) {
      const refusal = extra && refuseHeaders(extra);
      if (refusal) return receiver.onError(refusal);
      if (receiver.isOver) return;
      const time = timeoutHeader !== undefined && { [timeoutHeader]: String(millisecondsLeft(receiver.endsAtMs)) };
      const headers = { ...REQUEST_HEADERS, ...time, ...extra };
      pool.dispatch({ path, method: 'POST', headers, body }, new Relay(receiver));
    },
    close: () => (closed ??= pool.close()),
  };
}

/** It is undici's own handler, because every layer above that costs as much again as the request itself. */
class Relay implements Dispatcher.DispatchHandler {
  readonly #receiver: Receiver;
  #isAborted = false;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const abort = (): void => {
      this.#isAborted = true;
      controller.abort(new Error('no longer wanted'));
    };
    // Its time may be over before a connection was free for it.
    if (this.#receiver.isOver) abort();
    else this.#receiver.onStart({ abort });
  }

  onResponseStart(_controller: Dispatcher.DispatchController, httpStatus: number, headers: IncomingHttpHeaders): void {
    if (this.#isAborted) return;
    const { age, 'cache-control': cacheControl, 'retry-after': retryAfter } = headers;
    this.#receiver.onHead(httpStatus, { age, cacheControl, retryAfter });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#isAborted) this.#receiver.onBytes(chunk.toString('latin1'), isAscii(chunk));
  }

  onResponseEnd(): void {
    if (!this.#isAborted) this.#receiver.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.#isAborted) this.#receiver.onError(error);
  }
}
