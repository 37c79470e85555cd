import type { IncomingMessage } from 'node:http';
import { Server as NetServer, type AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { answerText } from '../answer-text.ts';
import type { Caller } from '../caller.ts';
import { Deadline } from '../deadline.ts';
import { answerError, ERROR_CATALOGUE, errorCodes, refuse, type ErrorCode, type Refusal } from '../errors.ts';
import type { AnswerMessage, RequestMessage } from '../message.ts';
import { clientFacts, REQUEST_ID_HEADER, requestIdOf } from './client-facts.ts';
import { FALLBACK_FORMAT, negotiateFormat, type AnswerFormat } from './negotiate.ts';
import { Overload, retryAfterSeconds, type OverloadOptions } from './overload.ts';
import { readBody, readQueryString, type ReadParameters } from './parameters.ts';
import { keepText, withText, type PersistedQueries } from './persisted-query.ts';
import type { IsSecret } from './secret.ts';
import type { Tls } from './tls.ts';

/** Answers one request; never throws. */
export type HandleRequest = (request: RequestMessage, deadline: Deadline) => Promise<AnswerMessage>;

/** Says who asks, and what for; never throws for what a request brings. What is known is there without waiting. */
export type Identify = (request: IncomingMessage) => Caller | Refusal | Promise<Caller | Refusal>;

export interface HttpServerOptions {
  host: string;
  port: number;
  maxBodyBytes: number;
  requestTimeoutMs: number;
  keepAliveTimeoutMs: number;
  shutdownTimeoutMs: number;
  /** When requests are refused because there are too many. */
  overload: OverloadOptions;
  /** Serves HTTPS. Absent: plain HTTP. */
  tls?: Tls | undefined;
  /** Says who asks, before anything of a request is read but its headers. */
  identify: Identify;
  /** Operations that requests may name by their hash. Default: they may not */
  persisted?: PersistedQueries | undefined;
  /** What `/ready` answers: 200 when `ready`, else 503; the rest is shown as it is. */
  readiness(): { ready: boolean; [detail: string]: unknown };
  /** Answers requests of those who may be told how the answer came about. Absent: nobody is told. */
  explain?: { isSecret: IsSecret; handle: HandleRequest } | undefined;
  /** Told of faults below GraphQL. */
  onFault(error: unknown): void;
  /** Told of each request that is refused before the graph is asked, by the code of why. Default: nobody */
  onRefused?(code: ErrorCode): void;
}

export interface HttpServer {
  /** `http://host:port`, or `https://host:port` */
  url: string;
  /**
   * Takes no more connections, lets requests under way finish, and closes every connection.
   * @param announceForMs how long those that clients keep are still answered on, and told that it is for the last time: a client
   *   that sends just when its connection is closed has lost a request. Default: 0
   */
  close(announceForMs?: number): Promise<void>;
}

/** The header by which a caller who may be told asks how an answer came about; its value is the secret. */
export const EXPLAIN_HEADER = 'switchyard-explain';

/** Names a request of which there is a record, as the trail does. */
export const QUERY_ID_HEADER = 'switchyard-query-id';

/** Adds routes beside `/graphql`, `/health` and `/ready`. */
export type AddRoutes = (app: FastifyInstance) => void;

/**
 * Serves a gateway over HTTP: `/graphql`, `/health`, `/ready`.
 * @throws the system's error where the address is taken or not allowed
 */
export async function serveHttp(
  handle: HandleRequest,
  options: HttpServerOptions,
  addRoutes: AddRoutes,
): Promise<HttpServer> {
  const app = Fastify({
    bodyLimit: options.maxBodyBytes,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    // Fastify closes idle connections at once; those under way get shutdownTimeoutMs.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    logger: false,
    genReqId: requestIdOf,
    // Fastify's types tell HTTPS from HTTP; nothing here does.
    ...({ https: options.tls } as object),
  });
  const overload = new Overload(options.overload);
  app.addHook('onClose', () => Promise.resolve(overload.close()));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, _request, reply) => writeFault(reply, error, options));
  app.setNotFoundHandler((_request, reply) =>
    write(reply, fromRefusal(refuse('NOT_FOUND', 'The graph is at /graphql.')), FALLBACK_FORMAT),
  );
  app.get('/health', (_request, reply) => reply.send({ status: 'ok' }));
  app.get('/ready', (_request, reply) => {
    const state = options.readiness();
    return reply.code(state.ready ? 200 : 503).send({ ...state, load: overload.state });
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    exposeHeadRoute: false,
    // Before the body is read.
    onRequest(_request, reply, done) {
      if (overload.refuses()) void writeOverload(reply, options);
      else done();
    },
    async handler(request, reply) {
      overload.enter();
      try {
        return await answerGraphQL(handle, options, request, reply);
      } finally {
        overload.leave();
      }
    },
  });
  app.route({
    method: ['DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'PUT'],
    url: '/graphql',
    handler: (_request, reply) =>
      write(reply.header('allow', 'GET, POST'), fromRefusal(refuse('METHOD_NOT_ALLOWED')), FALLBACK_FORMAT),
  });
  addRoutes(app);
  await app.listen({ host: options.host, port: options.port });
  const { port } = app.server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const protocol = options.tls ? 'https' : 'http';
  const close = (announceForMs = 0): Promise<void> => closeServer(app, options.shutdownTimeoutMs, announceForMs);
  return { url: `${protocol}://${host}:${port}`, close };
}

async function answerGraphQL(
  handle: HandleRequest,
  options: HttpServerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const format = negotiateFormat(request.headers.accept);
  if (!format) {
    options.onRefused?.('NOT_ACCEPTABLE');
    return write(reply, fromRefusal(refuse('NOT_ACCEPTABLE')), FALLBACK_FORMAT);
  }
  const identified = options.identify(request.raw);
  // Waiting for what is there costs every request a turn.
  const caller = identified instanceof Promise ? await identified : identified;
  if ('ok' in caller) return writeRefusal(reply, caller, format, options);
  const read = readParameters(request);
  if (!read.ok) return writeRefusal(reply, read, format, options);
  const looked = withText(read, options.persisted);
  const parameters = looked instanceof Promise ? await looked : looked;
  if ('ok' in parameters) return writeRefusal(reply, parameters, format, options);
  const deadline = new Deadline(options.requestTimeoutMs);
  // The client may have gone while it was found out who it is.
  if (reply.raw.destroyed) deadline.leave();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) deadline.leave();
  });
  try {
    const mutationsAllowed = request.method === 'POST';
    const message = { parameters, caller, mutationsAllowed, client: clientFacts(request) };
    const secret = request.headers[EXPLAIN_HEADER];
    const isExplained = secret !== undefined && options.explain?.isSecret(secret) === true;
    // What is told to one caller must not be kept for others.
    if (isExplained) reply.raw.setHeader('cache-control', 'no-store');
    const answer = await (isExplained ? options.explain!.handle : handle)(message, deadline);
    keepText(read, answer, options.persisted);
    if (answer.httpStatus === 405) reply.header('allow', 'POST');
    return await write(reply, answer, format);
  } finally {
    deadline.clear();
  }
}

function writeOverload(reply: FastifyReply, { onRefused }: HttpServerOptions): FastifyReply {
  onRefused?.('GATEWAY_OVERLOADED');
  reply.header('retry-after', retryAfterSeconds());
  return write(reply, fromRefusal(refuse('GATEWAY_OVERLOADED')), FALLBACK_FORMAT);
}

function readParameters(request: FastifyRequest): ReadParameters | Refusal {
  if (request.method === 'GET') return readQueryString(request.query as Record<string, unknown>);
  if (typeof request.body !== 'string') return refuse('UNSUPPORTED_MEDIA_TYPE');
  return readBody(request.body);
}

/** A request that is refused before its operation is looked at: the status tells, whatever the client accepts. */
function writeRefusal(
  reply: FastifyReply,
  refusal: Refusal,
  format: AnswerFormat,
  { onRefused }: HttpServerOptions,
): FastifyReply {
  if (onRefused) for (const code of errorCodes(refusal.errors)) onRefused(code);
  // What is refused now may be known a moment later: whoever keeps answers to GET is not to keep this one.
  reply.header('cache-control', 'no-store');
  if (refusal.challenge !== undefined) reply.header('www-authenticate', refusal.challenge);
  return write(reply, fromRefusal(refusal), { ...format, hasTellingStatus: true });
}

function write(reply: FastifyReply, answer: AnswerMessage, format: AnswerFormat): FastifyReply {
  const { recorded, httpStatus } = answer;
  const { text, encoding } = recorded?.body ?? answerText(answer);
  const named = { [REQUEST_ID_HEADER]: reply.request.id, ...(recorded && { [QUERY_ID_HEADER]: recorded.queryId }) };
  if (encoding === 'latin1') return writeBytes(reply, text, { 'content-type': format.contentType, ...named });
  const status = format.hasTellingStatus || httpStatus === 405 || httpStatus >= 500 ? httpStatus : 200;
  return reply
    .code(status)
    .headers({ 'content-type': format.contentType, ...named })
    .send(text);
}

/** Past Fastify, which would make a copy of the text and write it apart from the headers. */
function writeBytes(reply: FastifyReply, text: string, headers: Readonly<Record<string, string>>): FastifyReply {
  reply.hijack();
  reply.raw.writeHead(200, { ...headers, 'content-length': text.length });
  reply.raw.end(text, 'latin1');
  return reply;
}

function fromRefusal({ httpStatus, errors }: Refusal): AnswerMessage {
  return { httpStatus, errors };
}

/** Fastify's own refusals come here (body too large, wrong media type, broken request), and what nobody foresaw. */
function writeFault(reply: FastifyReply, error: unknown, options: HttpServerOptions): FastifyReply {
  const code = codeOf(error);
  options.onRefused?.(code);
  if (code === 'INTERNAL_SERVER_ERROR') options.onFault(error);
  const more = code === 'PAYLOAD_TOO_LARGE' ? `At most ${options.maxBodyBytes} bytes are taken.` : undefined;
  const answer = { httpStatus: ERROR_CATALOGUE[code].httpStatus, errors: [answerError(code, more)] };
  return write(reply, answer, FALLBACK_FORMAT);
}

function codeOf(error: unknown): ErrorCode {
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  if (status === 413) return 'PAYLOAD_TOO_LARGE';
  if (status === 415) return 'UNSUPPORTED_MEDIA_TYPE';
  return status >= 400 && status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR';
}

async function closeServer(app: FastifyInstance, timeoutMs: number, announceForMs: number): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), timeoutMs);
  if (announceForMs > 0) await announceClosing(app.server, announceForMs);
  await app.close();
  clearTimeout(timer);
}

/** Resolves once no connection is left, or when it is time. */
async function announceClosing(server: FastifyInstance['server'], announceForMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'));
  // That of HTTP would close idle connections too, and with them requests that are on their way.
  NetServer.prototype.close.call(server, () => resolve());
  const timer = setTimeout(resolve, announceForMs);
  await promise;
  clearTimeout(timer);
}
