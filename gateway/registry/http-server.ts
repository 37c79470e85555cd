import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Caller } from '../caller.ts';
import { contractName, contractRule } from '../config/contracts.ts';
import { answerError, ERROR_CATALOGUE, GatewayFault, type Refusal } from '../errors.ts';
import type { GraphChange } from './graph-change.ts';
import type { Publisher } from './publisher.ts';
import type { CheckReport, Registry } from './registry.ts';
import type { UsageReport } from './usage.ts';
import type { UsageStore } from './usage-store.ts';

export interface RegistryServerOptions {
  registry: Registry;
  usage: UsageStore;
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Serves HTTPS. Absent: plain HTTP */
  tls?: SecureContextOptions | undefined;
  /** Largest request body. */
  maxBodyBytes: number;
  /** How long a request may take to come in, and how long requests under way have to end at a stop. */
  requestTimeoutMs: number;
  /** Says who asks. */
  identify(request: IncomingMessage): Caller | Refusal | Promise<Caller | Refusal>;
  /** The role whose bearers may change everything. */
  administratorRole: string;
  /** The role whose bearers are gateways. */
  gatewayRole: string;
  /** Told of what went wrong and was no client's fault. */
  onFault(error: unknown): void;
  /** ISO 8601, UTC. */
  now(): string;
}

/** A registry that answers. */
export interface RegistryServer {
  /** `http://host:port`, or `https://host:port` */
  readonly url: string;
  close(): Promise<void>;
}

const text = z.string().min(1);
const message = z.string().max(1_000).optional();
/** What messages call a file: one line, since it is shown to others. */
const origin = text.max(1_000).regex(/^\P{Cc}*$/u, 'Must be one line.');
/** It stands in the supergraph, which many read: nothing secret belongs there. */
const routingUrl = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .refine((url) => new URL(url).username === '' && new URL(url).password === '', 'Must have no password in it.');
const changeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('publish'),
    name: text,
    sdl: text,
    routingUrl,
    origin,
    rules: text.optional(),
    message,
  }),
  z.strictObject({ kind: z.literal('remove'), name: text, message }),
  contractRule.extend({ kind: z.literal('set-contract'), contract: contractName, message }),
  z.strictObject({ kind: z.literal('remove-contract'), contract: contractName, message }),
  z.strictObject({ kind: z.literal('rollback'), to: z.number().int().min(1), name: text.optional(), message }),
]);

const usageSchema = z.strictObject({
  since: z.iso.datetime(),
  tellsInputs: z.boolean().default(false),
  fields: z.record(
    z.string(),
    z.array(
      z.strictObject({
        client: z.string().nullable(),
        version: z.string().nullable(),
        contract: z.string().nullable().optional(),
        requests: z.number().min(0),
        days: z.record(z.iso.date(), z.number().min(0)),
      }),
    ),
  ),
});

const historySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(20),
  before: z.coerce.number().int().min(1).optional(),
  subgraph: text.optional(),
});
const diffSchema = z.strictObject({ from: z.coerce.number().int().min(1), to: z.coerce.number().int().min(1) });

/**
 * Serves a registry over HTTP, to whoever proves what they are: `POST /checks` and `POST /changes` with a change, `GET /history`, `GET /diff`, `GET /contracts`;
 * to gateways `GET /supergraph` (and to administrators) and `PUT /usage/<process>`; `GET /health` to all.
 * @throws the system's error where the address is taken or not allowed
 */
export async function serveRegistry(options: RegistryServerOptions): Promise<RegistryServer> {
  const { tls, requestTimeoutMs: requestTimeout } = options;
  const app = Fastify({
    bodyLimit: options.maxBodyBytes,
    serverFactory: (routes) =>
      tls ? createTlsServer({ ...tls, requestTimeout }, routes) : createServer({ requestTimeout }, routes),
    forceCloseConnections: 'idle',
    logger: false,
  });
  app.decorateRequest('publisher', null);
  app.addHook('onRequest', async (request, reply) => {
    if (request.url === '/health') return;
    await knowCaller(options, request, reply);
  });
  app.setErrorHandler((error, _request, reply) => writeFault(options, reply, error));
  app.setNotFoundHandler((_request, reply) => writeFault(options, reply, new GatewayFault('NOT_FOUND', '')));
  addRoutes(app, options);
  await app.listen({ host: options.host, port: options.port });
  const { port } = app.server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `${tls ? 'https' : 'http'}://${host}:${port}`,
    close: () => closeServer(app, options.requestTimeoutMs),
  };
}

/** Whoever takes longer is cut off: a version is kept before its publisher is told. */
async function closeServer(app: FastifyInstance, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), timeoutMs);
  await app.close();
  clearTimeout(timer);
}

declare module 'fastify' {
  interface FastifyRequest {
    publisher: Publisher | null;
  }
}

async function knowCaller(
  { identify, administratorRole, gatewayRole }: RegistryServerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const caller = await identify(request.raw);
  if ('ok' in caller) {
    if (caller.challenge !== undefined) void reply.header('www-authenticate', caller.challenge);
    await reply.code(caller.httpStatus).send({ errors: caller.errors });
    return;
  }
  const { kind, subject, department, roles } = caller.identity;
  if (kind === 'anonymous') throw new GatewayFault('REGISTRY_UNAUTHORIZED', 'Nobody in particular asks.');
  request.publisher = {
    subject: subject ?? kind,
    department,
    isAdministrator: roles.includes(administratorRole),
    isGateway: roles.includes(gatewayRole),
  };
}

/** @throws GatewayFault GATEWAYS_ONLY */
function requireGateway(isAllowed: boolean, { subject }: Publisher, gatewayRole: string): void {
  if (isAllowed) return;
  throw new GatewayFault(
    'GATEWAYS_ONLY',
    `${subject} needs the role ${gatewayRole} (in \`identity\` of the registry).`,
  );
}

function addRoutes(app: FastifyInstance, { registry, usage, now, gatewayRole }: RegistryServerOptions): void {
  app.get('/health', () => ({ status: 'ok' }));
  app.get('/supergraph', async (request, reply) => {
    const asker = request.publisher!;
    requireGateway(asker.isGateway || asker.isAdministrator, asker, gatewayRole);
    const signed = await registry.current();
    if (!signed) throw new GatewayFault('NOTHING_PUBLISHED', 'There is no version yet.');
    const etag = `"${signed.statement.signature}"`;
    void reply.header('etag', etag);
    return request.headers['if-none-match'] === etag ? reply.code(304).send() : reply.send(signed);
  });
  app.post('/checks', (request) => registry.check(readChange(request.body), request.publisher!));
  app.post('/changes', async (request, reply) => {
    const report = await registry.publish(readChange(request.body), request.publisher!);
    return reply.code(report.ok ? 200 : ERROR_CATALOGUE.PUBLISH_REFUSED.httpStatus).send(report satisfies CheckReport);
  });
  app.get('/history', (request) => registry.history(read(historySchema, request.query)));
  app.get('/contracts', () => registry.contracts());
  app.get<{ Params: { name: string } }>('/contracts/:name', (request) => registry.showContract(request.params.name));
  app.get('/diff', (request) => {
    const { from, to } = read(diffSchema, request.query);
    return registry.diff(from, to);
  });
  app.put<{ Params: { gateway: string } }>('/usage/:gateway', async (request, reply) => {
    const asker = request.publisher!;
    requireGateway(asker.isGateway, asker, gatewayRole);
    // Under its own name, so that no gateway replaces what another one has reported.
    const process = JSON.stringify([asker.subject, request.params.gateway.slice(0, 100)]);
    await usage.put(process, read(usageSchema, request.body) satisfies UsageReport, now());
    return reply.code(204).send();
  });
}

function readChange(body: unknown): GraphChange {
  return read(changeSchema, body);
}

/** @throws GatewayFault PUBLISH_INVALID */
function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) throw new GatewayFault('PUBLISH_INVALID', z.prettifyError(result.error));
  return result.data;
}

/** What a publisher is told in detail: it is about what they sent. */
const TOLD = new Set([
  ...['PUBLISH_INVALID', 'NOT_YOUR_SUBGRAPH', 'ADMINISTRATORS_ONLY', 'VERSION_UNKNOWN', 'SUBGRAPH_UNKNOWN'],
  ...['TRIAL_TIMEOUT', 'GATEWAYS_ONLY', 'CONTRACT_UNKNOWN', 'NOTHING_PUBLISHED'],
]);

function writeFault({ onFault }: RegistryServerOptions, reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof GatewayFault) {
    const more = TOLD.has(error.code) ? error.detail : undefined;
    return reply.code(ERROR_CATALOGUE[error.code].httpStatus).send({ errors: [answerError(error.code, more)] });
  }
  const { statusCode = 500, message: said } = error as { statusCode?: number; message?: string };
  // Fastify's own, of what was sent.
  if (statusCode < 500) return reply.code(statusCode).send({ errors: [answerError('PUBLISH_INVALID', said)] });
  onFault(error);
  return reply.code(503).send({ errors: [answerError('REGISTRY_UNAVAILABLE')] });
}
