import type { Deadline } from '../deadline.ts';
import { GatewayFault } from '../errors.ts';
import { answerBody, requestBody, type Fetcher, type SubgraphAnswer } from '../execute/fetcher.ts';
import type { Channel, Receiver, Underway } from './channel.ts';
import { openHttp1Channel } from './http1-channel.ts';
import type { SignRequest } from './signing.ts';
import { openUndiciChannel } from './undici-channel.ts';

/** How one subgraph is asked. */
export interface SubgraphTransport {
  url: string;
  /** How long one request may take. */
  timeoutMs: number;
  maxConnections: number;
  maxResponseBytes: number;
  /** Signs its requests. Absent: they are not signed, and do not say who asks. */
  sign?: SignRequest | undefined;
}

/** A fetcher over HTTP, with connections of its own for each subgraph. */
export interface HttpFetcher {
  fetch: Fetcher;
  /** Lets requests under way finish, then closes every connection. */
  close(): Promise<void>;
}

interface Service {
  name: string;
  channel: Channel;
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
        const body = requestBody(request);
        const headers = service.transport.sign?.(body, request.onBehalf);
        service.channel.send(body, new Exchange(service, deadline, { resolve, reject }), headers);
      });
    },
    async close() {
      await Promise.all([...services.values()].map(({ channel }) => channel.close()));
    },
  };
}

function openService(name: string, transport: SubgraphTransport): Service {
  const url = new URL(transport.url);
  const { maxConnections } = transport;
  const open = url.protocol === 'http:' ? openHttp1Channel : openUndiciChannel;
  return { name, channel: open({ url, maxConnections }), transport };
}

function unknownService(name: string): GatewayFault {
  return new GatewayFault('SUBREQUEST_HTTP_ERROR', `Subgraph ${name} has no address to be asked at.`);
}

interface Outcome {
  resolve(answer: SubgraphAnswer): void;
  reject(fault: GatewayFault): void;
}

/** One request and its answer, in time or not at all. */
class Exchange implements Receiver {
  readonly #service: Service;
  readonly #outcome: Outcome;
  readonly #timer: NodeJS.Timeout;
  readonly #deadline: Deadline;
  readonly #onDeadline = (): void => this.#fail('SUBREQUEST_TIMEOUT', "was not done when the request's time was over");
  #underway: Underway | undefined;
  #httpStatus = 0;
  #cacheControl: string | undefined;
  #age: string | undefined;
  #bytes = '';
  #isAscii = true;
  isOver = false;

  constructor(service: Service, deadline: Deadline, outcome: Outcome) {
    this.#service = service;
    this.#outcome = outcome;
    const { timeoutMs } = service.transport;
    this.#timer = setTimeout(() => this.#fail('SUBREQUEST_TIMEOUT', `took over ${timeoutMs} ms`), timeoutMs);
    this.#deadline = deadline;
    deadline.listen(this.#onDeadline);
  }

  onStart(underway: Underway): void {
    this.#underway = underway;
  }

  onHead(httpStatus: number, cacheControl: string | undefined, age: string | undefined): void {
    this.#httpStatus = httpStatus;
    this.#cacheControl = cacheControl;
    this.#age = age;
  }

  onBytes(bytes: string, isAscii: boolean): void {
    this.#bytes += bytes;
    this.#isAscii &&= isAscii;
    const { maxResponseBytes } = this.#service.transport;
    if (this.#bytes.length > maxResponseBytes)
      this.#fail('SUBREQUEST_TOO_LARGE', `answered more than ${maxResponseBytes} bytes`);
  }

  onEnd(): void {
    if (!this.#finish()) return;
    const body = answerBody(this.#bytes, this.#isAscii);
    this.#outcome.resolve({ httpStatus: this.#httpStatus, body, cacheControl: this.#cacheControl, age: this.#age });
  }

  onError(error: Error): void {
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
    this.#underway?.abort();
  }

  /** Whether this was the first end of it; there may be several, such as an answer just when the time is over. */
  #finish(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    clearTimeout(this.#timer);
    this.#deadline.forget(this.#onDeadline);
    return true;
  }
}
