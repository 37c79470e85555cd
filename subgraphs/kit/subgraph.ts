import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, type GraphQLSchema } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import { readGatewayKeys } from './gateway-keys.ts';
import type { AnswerHttp } from './http-exchange.ts';
import { runProgram, StartError, type RunningProgram } from './program.ts';
import { executeUnlessRefused } from './refusable-request.ts';
import { requestLimits } from './request-limits.ts';
import { readSdl, type Resolvers } from './sdl-files.ts';
import { readSystemUrl, type Environment } from './settings.ts';
import type { ReceiveOptions } from './receiver/receive-deliveries.ts';
import { answerSigned, type GraphqlParts, type SignedRequestOptions } from './signed-requests.ts';

/** What a department is told of the request that it answers. */
export interface AskedRequest {
  /** How long whoever asks waits for the answer: `x-request-timeout-ms`, at most 30,000. */
  timeoutMs: number;
}

/** A department's connection to its own system, and the resolvers that read from it. */
export interface OpenDepartment {
  resolvers: Resolvers;
  /**
   * Made once a request: dataloaders live here, so that nothing is remembered from one request to the next. Where requests
   * are signed, resolvers find who asks and what for beside it, as `signedRequest`: see {@link SignedContext}. What it has as
   * `refusal` can end the request: see {@link RefusableContext}.
   */
  createContext(request: AskedRequest): Record<string, unknown>;
  /**
   * Takes what dispatches deliver to the department, at `/deliveries`: see `receiveDeliveries`. Asked once, where the keys of the department's
   * gateways are known; where they are not, nothing is taken.
   */
  deliveries?(from: DeliveriesFrom): AnswerHttp;
  /** What the system's own part of `GET /stats` is. */
  stats?(): Record<string, unknown>;
  /** Lets go of the system: pools, files, watchers. */
  close(): Promise<void>;
}

/** Who may deliver to a department, and where. */
export type DeliveriesFrom = Pick<ReceiveOptions<unknown>, 'gatewayKeys' | 'url'>;

/** A department: its schema and how to reach the system it wraps. */
export interface Department {
  /** The subgraph's name, as in `supergraph.yaml`. */
  name: string;
  /** The port it listens on unless `PORT` says otherwise. */
  port: number;
  /** The SDL file, the same that is composed, or a folder of such files. */
  schemaFile?: URL;
  /** The SDL itself, where a program makes it and there is no file. */
  sdl?: string;
  /**
   * Reaches the department's system.
   * @throws StartError when a setting is missing or the system cannot be reached
   */
  open(env: Environment): Promise<OpenDepartment>;
}

/** What a department counts about itself; `GET /stats` answers it as JSON. */
export interface DepartmentStats {
  /** GraphQL requests answered since the start. */
  requests: number;
}

export interface RunningSubgraph extends RunningProgram {
  stats: Readonly<DepartmentStats>;
}

/** What a department may ask of the kit. */
export interface ServeOptions extends Partial<Omit<SignedRequestOptions, 'url'>> {
  /** Where the gateway asks it, if that is not where it listens. Default: `PUBLIC_URL` of the environment, else where it listens. */
  url?: URL;
}

/** Starts a department as a program of its own: `node subgraphs/<name>/main.ts`. */
export function runDepartment(department: Department, options: ServeOptions = {}): Promise<void> {
  return runProgram(department.name, () => serveDepartment(department, process.env, options));
}

/**
 * Serves a department's subgraph over HTTP: `/graphql`, `/health`, `/stats`, and `/deliveries` where it takes any.
 *
 * @param env settings; `PORT` (default: the department's own, 0 for any free one), `HOST` (default `127.0.0.1`),
 *   `GATEWAY_KEYS` (a file as {@link readGatewayKeys} reads it: nothing but signed requests is answered; default: all are),
 *   `PUBLIC_URL` (where the gateway asks, if that is not where it listens)
 * @throws StartError when a setting is wrong; the system's error when the port is taken
 */
export async function serveDepartment(
  department: Department,
  env: Environment,
  options: ServeOptions = {},
): Promise<RunningSubgraph> {
  const port = readPort(env['PORT'], department.port);
  const host = env['HOST'] ?? '127.0.0.1';
  const signing = readSigning(env, host, options);
  const opened = await department.open(env);
  const stats: DepartmentStats = { requests: 0 };
  const server = createServer();
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 1_000).unref();
    await closed;
    await opened.close();
  };
  try {
    const schema = schemaOf(department, opened.resolvers);
    await listen(server, port, host);
    const url = listeningUrl(server);
    const parts: GraphqlParts = { schema, createContext: (headers) => opened.createContext(askedRequest(headers)) };
    const graphql = signing ? answerSigned(parts, { url: new URL(url), ...signing }) : answerAll(parts);
    const from = signing && { gatewayKeys: signing.gatewayKeys, url: new URL('/deliveries', signing.url ?? url) };
    const deliveries = from && opened.deliveries?.(from);
    const systemStats = (): Record<string, unknown> => opened.stats?.() ?? {};
    // No connection is taken before the event loop is reached again.
    server.on('request', requestListener(department, stats, { graphql, deliveries, systemStats }));
    return { url, stats, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws StartError with the place of what is wrong */
function schemaOf({ name, schemaFile, sdl }: Department, resolvers: Resolvers): GraphQLSchema {
  if (schemaFile) return readSdl(fileURLToPath(schemaFile), resolvers).schema;
  if (sdl === undefined) throw new StartError(`${name} has neither a file with its schema nor the schema itself`);
  return buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]);
}

/** Whose requests are answered; undefined where that is everyone's. */
function readSigning(
  env: Environment,
  host: string,
  { gatewayKeys, url, ...rest }: ServeOptions,
): (Omit<SignedRequestOptions, 'url'> & { url?: URL }) | undefined {
  const keys = gatewayKeys ?? (env['GATEWAY_KEYS'] ? readGatewayKeys(env['GATEWAY_KEYS']) : undefined);
  if (!keys) return undefined;
  const publicUrl = url ?? (env['PUBLIC_URL'] ? readSystemUrl(env, 'PUBLIC_URL') : undefined);
  if (!publicUrl && ['0.0.0.0', '::', ''].includes(host))
    throw new StartError('PUBLIC_URL is not set; with GATEWAY_KEYS and any HOST it must be where the gateway asks');
  return { ...rest, gatewayKeys: keys, ...(publicUrl && { url: publicUrl }) };
}

function listeningUrl(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/graphql`;
}

/** Nobody is waited for longer. */
const MAX_TIMEOUT_MS = 30_000;

function askedRequest(headers: IncomingHttpHeaders): AskedRequest {
  const text = headers['x-request-timeout-ms'];
  const told = typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : MAX_TIMEOUT_MS;
  return { timeoutMs: Math.min(Math.max(told, 1), MAX_TIMEOUT_MS) };
}

function answerAll({ schema, createContext }: GraphqlParts): AnswerHttp {
  return createHandler({
    schema,
    validationRules: [requestLimits],
    execute: executeUnlessRefused,
    context: ({ raw }) => createContext(raw.headers),
  });
}

interface ListenerParts {
  graphql: AnswerHttp;
  deliveries: AnswerHttp | undefined;
  systemStats(): Record<string, unknown>;
}

function requestListener({ name }: Department, stats: DepartmentStats, parts: ListenerParts) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const [path] = (request.url ?? '/').split('?', 1);
    if (path === '/graphql') {
      stats.requests += 1;
      void parts.graphql(request, response);
    } else if (path === '/deliveries' && parts.deliveries) void parts.deliveries(request, response);
    else if (path === '/health') sendJson(response, 200, { status: 'ok', department: name });
    else if (path === '/stats') sendJson(response, 200, { ...stats, ...parts.systemStats() });
    else sendJson(response, 404, { error: `${name} answers at /graphql, /health and /stats` });
  };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function readPort(text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new StartError(`PORT is "${text}"; it must be a whole number from 0 to 65535`);
  return port;
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
