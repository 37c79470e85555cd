import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Server as NetServer, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { ErrorCode } from '../errors.ts';
import { REQUEST_ID_HEADER, requestIdOf } from './client-facts.ts';
import { faultAnswer, GraphEndpoint, type GraphEndpointOptions, type HandleRequest } from './graph-endpoint.ts';
import { FALLBACK_FORMAT } from './negotiate.ts';
import { Overload, type OverloadOptions } from './overload.ts';
import type { Tls } from './tls.ts';

/** How long connections are still accepted after it was said that the server is to close, in milliseconds. */
const MAX_ACCEPT_MS = 1_000;
/** In a turn of the event loop that takes no longer nearly no connection can have come that was not accepted, in milliseconds. */
const SHORT_TURN_MS = 0.1;

export interface HttpServerOptions extends GraphEndpointOptions {
  host: string;
  port: number;
  keepAliveTimeoutMs: number;
  shutdownTimeoutMs: number;
  /** When requests are refused because there are too many. */
  overload: OverloadOptions;
  /** Serves HTTPS. Absent: plain HTTP. */
  tls?: Tls | undefined;
  /** What `/ready` answers: 200 when `ready`, else 503; the rest is shown as it is. */
  readiness(): { ready: boolean; [detail: string]: unknown };
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
  const overload = new Overload(options.overload);
  const graph = new GraphEndpoint(handle, options, overload);
  const app = Fastify({
    bodyLimit: options.maxBodyBytes,
    serverFactory: (routes) => createServerFor(graph, routes, options),
    // Fastify closes idle connections at once; those under way get shutdownTimeoutMs.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    logger: false,
    genReqId: requestIdOf,
  });
  app.addHook('onClose', () => Promise.resolve(overload.close()));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, _request, reply) => writeFault(reply, error, options));
  app.setNotFoundHandler((_request, reply) => writeCode(reply, 'NOT_FOUND', 'The graph is at /graphql.'));
  app.get('/health', (_request, reply) => reply.send({ status: 'ok' }));
  app.get('/ready', (_request, reply) => {
    const state = options.readiness();
    return reply.code(state.ready ? 200 : 503).send({ ...state, load: overload.state });
  });
  addRoutes(app);
  await app.listen({ host: options.host, port: options.port });
  const { port } = app.server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const protocol = options.tls ? 'https' : 'http';
  const close = (announceForMs = 0): Promise<void> => closeServer(app, options.shutdownTimeoutMs, announceForMs);
  return { url: `${protocol}://${host}:${port}`, close };
}

/** One server, on which the graph stands before all other routes. */
function createServerFor(
  graph: GraphEndpoint,
  routes: (request: IncomingMessage, response: ServerResponse) => void,
  { tls, keepAliveTimeoutMs }: HttpServerOptions,
): Server {
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    graph.takes(request.url ?? '') ? graph.answer(request, response) : routes(request, response);
  const options = { keepAliveTimeout: keepAliveTimeoutMs };
  return tls ? createTlsServer({ ...options, ...tls }, listener) : createServer(options, listener);
}

/** Fastify's own refusals come here (body too large, wrong media type, broken request), and what nobody foresaw. */
function writeFault(reply: FastifyReply, error: unknown, options: HttpServerOptions): FastifyReply {
  const code = codeOf(error);
  options.onRefused?.(code);
  if (code === 'INTERNAL_SERVER_ERROR') options.onFault(error);
  const more = code === 'PAYLOAD_TOO_LARGE' ? `At most ${options.maxBodyBytes} bytes are taken.` : undefined;
  return writeCode(reply, code, more);
}

function writeCode(reply: FastifyReply, code: ErrorCode, more?: string): FastifyReply {
  const { httpStatus, errors } = faultAnswer(code, more);
  const headers = { 'content-type': FALLBACK_FORMAT.contentType, [REQUEST_ID_HEADER]: reply.request.id };
  return reply.code(httpStatus).headers(headers).send(JSON.stringify({ errors }));
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
  await acceptWaiting(server);
  server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'));
  // That of HTTP would close idle connections too, and with them requests that are on their way.
  NetServer.prototype.close.call(server, () => resolve());
  const timer = setTimeout(resolve, announceForMs);
  await promise;
  clearTimeout(timer);
}

/**
 * Resolves right after the last connection was accepted that the system had taken: who ceases to listen then leaves none that would be reset. A turn of
 * the event loop accepts one, and may go on with other things for long afterwards.
 */
async function acceptWaiting(server: NetServer): Promise<void> {
  let accepted = 0;
  const count = (): void => void (accepted += 1);
  server.on('connection', count);
  const beganMs = performance.now();
  let nowMs = beganMs;
  // The first turn is one that was under way.
  for (let quietTurns = -1; quietTurns < 1 && nowMs - beganMs < MAX_ACCEPT_MS;) {
    const before = { accepted, nowMs };
    await setImmediate();
    nowMs = performance.now();
    const isQuiet = accepted === before.accepted && nowMs - before.nowMs <= SHORT_TURN_MS;
    quietTurns = isQuiet ? quietTurns + 1 : 0;
  }
  server.off('connection', count);
}
