import type { IncomingHttpHeaders } from 'node:http';
import { Pool, type Dispatcher } from 'undici';
import type { Deadline } from '../deadline.ts';
import { GatewayFault } from '../errors.ts';
import { addChunk, EMPTY_BODY, requestBody, type Fetcher, type SubgraphAnswer } from '../execute/fetcher.ts';

/** How one subgraph is asked. */
export interface SubgraphTransport {
  url: string;
  /** How long one request may take. */
  timeoutMs: number;
  maxConnections: number;
  maxResponseBytes: number;
}

/** A fetcher over HTTP, with one pool of connections for each subgraph. */
export interface HttpFetcher {
  fetch: Fetcher;
  /** Lets requests under way finish, then closes every connection. */
  close(): Promise<void>;
}

interface Service {
  name: string;
  pool: Pool;
  path: string;
  transport: SubgraphTransport;
}

/** Makes a fetcher for the subgraphs of one supergraph. No connection is made before it is needed. */
export function createHttpFetcher(transports: ReadonlyMap<string, SubgraphTransport>): HttpFetcher {
  const services = new Map([...transports].map(([name, transport]) => [name, openService(name, transport)]));
  return {
    fetch(request, deadline) {
      const service = services.get(request.template.service);
      if (!service) return Promise.reject(unknownService(request.template.service));
      return new Promise((resolve, reject) => {
        const exchange = new Exchange(service, deadline, { resolve, reject });
        const body = requestBody(request);
        service.pool.dispatch({ path: service.path, method: 'POST', headers: REQUEST_HEADERS, body }, exchange);
      });
    },
    async close() {
      await Promise.all([...services.values()].map(({ pool }) => pool.close()));
    },
  };
}

const REQUEST_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/graphql-response+json, application/json',
};

function openService(name: string, transport: SubgraphTransport): Service {
  const url = new URL(transport.url);
  const pool = new Pool(url.origin, {
    connections: transport.maxConnections,
    connect: { timeout: transport.timeoutMs },
    // The timer of each exchange ends it on time, whatever part of the answer is missing.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { name, pool, path: url.pathname + url.search, transport };
}

function unknownService(name: string): GatewayFault {
  return new GatewayFault('SUBREQUEST_HTTP_ERROR', `Subgraph ${name} is not in the supergraph.`);
}

interface Outcome {
  resolve(answer: SubgraphAnswer): void;
  reject(fault: GatewayFault): void;
}

/**
 * One request and its answer. It is undici's own handler, because every layer above that costs as much again as the
 * request itself.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #service: Service;
  readonly #outcome: Outcome;
  readonly #timer: NodeJS.Timeout;
  readonly #forgetDeadline: () => void;
  #body = EMPTY_BODY;
  #controller: Dispatcher.DispatchController | undefined;
  #httpStatus = 0;
  #cacheControl: string | undefined;
  #size = 0;
  #isDone = false;

  constructor(service: Service, deadline: Deadline, outcome: Outcome) {
    this.#service = service;
    this.#outcome = outcome;
    const { timeoutMs } = service.transport;
    this.#timer = setTimeout(() => this.#fail('SUBREQUEST_TIMEOUT', `took over ${timeoutMs} ms`), timeoutMs);
    this.#forgetDeadline = deadline.onEnd(() =>
      this.#fail('SUBREQUEST_TIMEOUT', "was not done when the request's time was over"),
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Its time may be over before a connection was free for it.
    if (this.#isDone) controller.abort(new Error('no longer wanted'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, httpStatus: number, headers: IncomingHttpHeaders): void {
    this.#httpStatus = httpStatus;
    this.#cacheControl = headers['cache-control'];
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    const { maxResponseBytes } = this.#service.transport;
    if (this.#size > maxResponseBytes)
      this.#fail('SUBREQUEST_TOO_LARGE', `answered more than ${maxResponseBytes} bytes`);
    else this.#body = addChunk(this.#body, chunk);
  }

  onResponseEnd(): void {
    if (!this.#finish()) return;
    this.#outcome.resolve({ httpStatus: this.#httpStatus, body: this.#body, cacheControl: this.#cacheControl });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail('SUBREQUEST_HTTP_ERROR', String(error), error);
  }

  #fail(
    code: 'SUBREQUEST_TIMEOUT' | 'SUBREQUEST_TOO_LARGE' | 'SUBREQUEST_HTTP_ERROR',
    what: string,
    cause?: Error,
  ): void {
    if (!this.#finish()) return;
    const { name, transport } = this.#service;
    const fault = new GatewayFault(code, `Subgraph ${name} at ${transport.url}: ${what}.`, { cause });
    this.#outcome.reject(fault);
    this.#controller?.abort(fault);
  }

  /** Whether this was the first end of it; there may be several, such as an answer just when the time is over. */
  #finish(): boolean {
    if (this.#isDone) return false;
    this.#isDone = true;
    clearTimeout(this.#timer);
    this.#forgetDeadline();
    return true;
  }
}
