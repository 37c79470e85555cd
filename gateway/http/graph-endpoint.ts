import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import { answerText } from '../answer-text.ts';
import type { Caller } from '../caller.ts';
import { Deadline } from '../deadline.ts';
import { answerError, ERROR_CATALOGUE, errorCodes, refuse, type ErrorCode, type Refusal } from '../errors.ts';
import type { AnswerMessage, RequestMessage, RequestParameters } from '../message.ts';
import { isJsonType, readBodyText } from './body-text.ts';
import { clientFacts, REQUEST_ID_HEADER, requestIdOf } from './client-facts.ts';
import { FALLBACK_FORMAT, negotiateFormat, type AnswerFormat } from './negotiate.ts';
import { retryAfterSeconds, type Overload } from './overload.ts';
import { readBody, readQueryString, type ReadParameters } from './parameters.ts';
import { keepText, withText, type PersistedQueries } from './persisted-query.ts';
import type { IsSecret } from './secret.ts';

/** Answers one request; never throws. */
export type HandleRequest = (request: RequestMessage, deadline: Deadline) => Promise<AnswerMessage>;

/** Says who asks, and what for; never throws for what a request brings. What is known is there without waiting. */
export type Identify = (request: IncomingMessage) => Caller | Refusal | Promise<Caller | Refusal>;

export interface GraphEndpointOptions {
  /** Whether a part of the graph is served at `/graphql/<name>`. Default: none is */
  isContract?: ((name: string) => boolean) | undefined;
  maxBodyBytes: number;
  requestTimeoutMs: number;
  /** Says who asks, before anything of an operation is looked at. */
  identify: Identify;
  /** Answers requests of those who may be told how the answer came about. Absent: nobody is told. */
  explain?: { isSecret: IsSecret; handle: HandleRequest } | undefined;
  /** Texts of operations that clients may name instead of sending them. Absent: they may not. */
  persisted?: PersistedQueries | undefined;
  /** Told of faults below GraphQL. */
  onFault(error: unknown): void;
  /** Told of each request that is refused before the graph is asked, by the code of why. Default: nobody */
  onRefused?(code: ErrorCode): void;
}

/** The header by which a caller who may be told asks how an answer came about; its value is the secret. */
export const EXPLAIN_HEADER = 'switchyard-explain';

/** Names a request of which there is a record, as the trail does. */
export const QUERY_ID_HEADER = 'switchyard-query-id';

const PATH = '/graphql';

/** A request and where its answer goes. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  id: string;
}

type Headers = Readonly<Record<string, string | number>>;

/**
 * Answers what is asked of the graph over HTTP (GraphQL over HTTP). It stands on Node's own server: what Fastify does for a request that
 * it hands on, its router, hooks and objects, is a tenth of what a request without a fetch costs.
 */
export class GraphEndpoint {
  readonly #handle: HandleRequest;
  readonly #options: GraphEndpointOptions;
  readonly #overload: Overload;

  constructor(handle: HandleRequest, options: GraphEndpointOptions, overload: Overload) {
    this.#handle = handle;
    this.#options = options;
    this.#overload = overload;
  }

  /** Whether a request is the graph's, by its target. */
  takes(url: string): boolean {
    if (!url.startsWith(PATH)) return false;
    if (url.length === PATH.length || url[PATH.length] === '?') return true;
    const contract = contractIn(url);
    return contract !== undefined && this.#options.isContract?.(contract) === true;
  }

  /** Never throws. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    const exchange = { request, response, id: requestIdOf(request) };
    this.#answer(exchange).catch((error: unknown) => this.#fail(exchange, error));
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { request } = exchange;
    if (request.method !== 'POST' && request.method !== 'GET')
      return write(exchange, fromRefusal(refuse('METHOD_NOT_ALLOWED')), FALLBACK_FORMAT, { allow: 'GET, POST' });
    // Before the body is read.
    if (this.#overload.refuses()) return this.#refuseOverload(exchange);
    const read = request.method === 'GET' ? readTarget(request) : await this.#readPost(exchange);
    if (!read) return;
    this.#overload.enter();
    try {
      await this.#answerRead(exchange, read);
    } finally {
      this.#overload.leave();
    }
  }

  /** Undefined where it was refused, or the client has gone. */
  async #readPost(exchange: Exchange): Promise<ReadParameters | Refusal | undefined> {
    const { request } = exchange;
    if (!isJsonType(request.headers['content-type'])) return this.#refuseUnread(exchange, 'UNSUPPORTED_MEDIA_TYPE');
    const text = await readBodyText(request, this.#options.maxBodyBytes);
    if (text === 'gone') return undefined;
    if (text === 'too large')
      return this.#refuseUnread(
        exchange,
        'PAYLOAD_TOO_LARGE',
        `At most ${this.#options.maxBodyBytes} bytes are taken.`,
      );
    return readBody(text.text);
  }

  async #answerRead(exchange: Exchange, read: ReadParameters | Refusal): Promise<void> {
    const { request } = exchange;
    const { identify, persisted, onRefused } = this.#options;
    const format = negotiateFormat(request.headers.accept);
    if (!format) {
      onRefused?.('NOT_ACCEPTABLE');
      return write(exchange, fromRefusal(refuse('NOT_ACCEPTABLE')), FALLBACK_FORMAT);
    }
    const identified = identify(request);
    // Waiting for what is there costs every request a turn.
    const caller = identified instanceof Promise ? await identified : identified;
    if ('ok' in caller) return this.#refuse(exchange, caller, format);
    if (!read.ok) return this.#refuse(exchange, read, format);
    const looked = withText(read, persisted);
    const parameters = looked instanceof Promise ? await looked : looked;
    if ('ok' in parameters) return this.#refuse(exchange, parameters, format);
    const answer = await this.#ask(exchange, parameters, caller);
    keepText(read, answer, persisted);
    write(exchange, answer, format, answer.httpStatus === 405 ? ONLY_POST : undefined);
  }

  async #ask(
    { request, response, id }: Exchange,
    parameters: RequestParameters,
    caller: Caller,
  ): Promise<AnswerMessage> {
    const { explain, requestTimeoutMs } = this.#options;
    const { headers, method, url = '' } = request;
    const deadline = new Deadline(requestTimeoutMs);
    // The client may have gone while it was found out who it is.
    if (response.destroyed) deadline.leave();
    response.once('close', () => {
      if (!response.writableFinished) deadline.leave();
    });
    try {
      const contract = url.length > PATH.length ? contractIn(url) : undefined;
      const client = clientFacts({ id, headers });
      const message = {
        parameters,
        caller,
        mutationsAllowed: method === 'POST',
        client,
        ...(contract && { contract }),
      };
      const secret = headers[EXPLAIN_HEADER];
      // How the whole answers says nothing of how a part of it does.
      const isExplained = secret !== undefined && !contract && explain?.isSecret(secret) === true;
      // What is told to one caller must not be kept for others.
      if (isExplained) response.setHeader('cache-control', 'no-store');
      return await (isExplained ? explain.handle : this.#handle)(message, deadline);
    } finally {
      deadline.clear();
    }
  }

  #refuseOverload(exchange: Exchange): void {
    this.#options.onRefused?.('GATEWAY_OVERLOADED');
    const headers = { 'retry-after': retryAfterSeconds() };
    write(exchange, fromRefusal(refuse('GATEWAY_OVERLOADED')), FALLBACK_FORMAT, headers);
  }

  /** A request that is refused before its operation is looked at: the status tells, whatever the client accepts. */
  #refuse(exchange: Exchange, refusal: Refusal, format: AnswerFormat): void {
    const { onRefused } = this.#options;
    if (onRefused) for (const code of errorCodes(refusal.errors)) onRefused(code);
    const challenge = refusal.challenge !== undefined && { 'www-authenticate': refusal.challenge };
    // What is refused now may be known a moment later: whoever keeps answers to GET is not to keep this one.
    const headers = { 'cache-control': 'no-store', ...challenge };
    write(exchange, fromRefusal(refusal), { ...format, hasTellingStatus: true }, headers);
  }

  /** What is left of the body is not waited for. */
  #refuseUnread(exchange: Exchange, code: ErrorCode, more?: string): undefined {
    this.#options.onRefused?.(code);
    write(exchange, faultAnswer(code, more), FALLBACK_FORMAT, { connection: 'close' });
  }

  #fail(exchange: Exchange, error: unknown): void {
    this.#options.onRefused?.('INTERNAL_SERVER_ERROR');
    this.#options.onFault(error);
    if (!exchange.response.headersSent) write(exchange, faultAnswer('INTERNAL_SERVER_ERROR'), FALLBACK_FORMAT);
    else exchange.response.destroy();
  }
}

const ONLY_POST: Headers = { allow: 'POST' };

/** The answer to a request that never came to the graph. */
export function faultAnswer(code: ErrorCode, more?: string): AnswerMessage {
  return { httpStatus: ERROR_CATALOGUE[code].httpStatus, errors: [answerError(code, more)] };
}

function readTarget({ url = '' }: IncomingMessage): ReadParameters | Refusal {
  return readQueryString(parse(url.slice(pathOf(url).length + 1)));
}

/** Which part of the graph a target names, whether there is one or not. */
function contractIn(url: string): string | undefined {
  return url[PATH.length] === '/' ? pathOf(url).slice(PATH.length + 1) : undefined;
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function fromRefusal({ httpStatus, errors }: Refusal): AnswerMessage {
  return { httpStatus, errors };
}

function write({ response, id }: Exchange, answer: AnswerMessage, format: AnswerFormat, more?: Headers): void {
  const { recorded, httpStatus } = answer;
  const { text, encoding } = recorded?.body ?? answerText(answer);
  const isTold = encoding !== 'latin1' && (format.hasTellingStatus || httpStatus === 405 || httpStatus >= 500);
  response.writeHead(isTold ? httpStatus : 200, {
    'content-type': format.contentType,
    [REQUEST_ID_HEADER]: id,
    ...(recorded && { [QUERY_ID_HEADER]: recorded.queryId }),
    ...more,
    'content-length': encoding === 'latin1' ? text.length : Buffer.byteLength(text),
  });
  response.end(text, encoding);
}
