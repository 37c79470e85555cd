import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { cacheEntities } from './cache/entity-cache.ts';
import { createMemoryStore } from './cache/memory-store.ts';
import type { CacheStore } from './cache/store.ts';
import type { Config } from './config.ts';
import type { Fetcher } from './execute/fetcher.ts';
import { createHttpFetcher } from './fetch/http-fetcher.ts';
import { transportsOf } from './fetch/transports.ts';
import { explainRequests } from './explain/explain-requests.ts';
import { createGateway } from './gateway.ts';
import { compareExplainSecret } from './http/explain-secret.ts';
import { openGraphiql } from './http/graphiql/page-files.ts';
import { readSavedOperations } from './http/graphiql/saved-operations.ts';
import { serveHttp, type HttpServerOptions } from './http/server.ts';
import type { Log } from './observe/log.ts';
import { startPlanner } from './plan/planner.ts';
import { loadSupergraph, SupergraphError, type ServedSupergraph } from './supergraph/load.ts';

/** A gateway that answers. */
export interface RunningGateway {
  /** `http://host:port/graphql` */
  url: string;
  /** Takes no more requests, lets those under way finish, and lets go of everything. */
  close(): Promise<void>;
}

/**
 * Puts the parts together and serves them; resolves once requests are answered.
 *
 * @throws SupergraphError where the supergraph cannot be read or served; ConfigError where a subgraph has no address; the system's error where the port is taken
 */
export async function startGateway(config: Config, log: Log): Promise<RunningGateway> {
  const supergraph = loadSupergraph(await readSupergraph(config.supergraph));
  const http = createHttpFetcher(transportsOf(supergraph.routingUrls, config));
  const store = await openStore(config, log);
  const planner = startPlanner(supergraph.sdl, config.planner);
  const onFault = (error: unknown): void => log.error({ err: error }, 'a request failed');
  const remembering = (fetch: Fetcher): Fetcher =>
    store ? cacheEntities(fetch, cacheOptions(store, supergraph)) : fetch;
  const gateway = createGateway({
    supergraph,
    planner,
    fetcher: remembering(http.fetch),
    prepare: { limits: config.limits, introspection: config.introspection },
    maxOperations: config.planner.maxOperations,
    maskErrors: config.maskSubgraphErrors,
    onFault,
  });
  const closeParts = async (): Promise<void> => {
    await Promise.all([planner.close(), http.close(), store?.close()]);
  };
  try {
    await planner.ready();
    const addRoutes = config.graphiql ? await graphiqlRoutes(config.operations) : () => undefined;
    const readiness = () => ({
      ready: true,
      supergraph: supergraph.hash,
      subgraphs: supergraph.routingUrls.size,
      cache: cacheState(store),
    });
    const explain = openExplain(config, { gateway, supergraph, fetch: http.fetch, remembering, onFault });
    const server = await serveHttp(gateway.handle, { ...config.http, readiness, explain, onFault }, addRoutes);
    return {
      url: `${server.url}/graphql`,
      async close() {
        await server.close();
        await closeParts();
      },
    };
  } catch (error) {
    await closeParts();
    throw error;
  }
}

async function readSupergraph(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new SupergraphError(`The supergraph ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** The client of Redis takes its memory only where there is a Redis to talk to. */
async function openStore({ cache }: Config, log: Log): Promise<CacheStore | undefined> {
  if (!cache.enabled) return undefined;
  if (!cache.redisUrl) return createMemoryStore(cache.maxBytes);
  const { createRedisStore } = await import('./cache/redis-store.ts');
  return createRedisStore({ url: cache.redisUrl, timeoutMs: cache.timeoutMs }, (problem) => {
    if (problem) log.warn({ err: problem }, 'Redis is away; nothing is remembered until it is back');
    else log.info('Redis is back');
  });
}

/** Without a secret nobody is told. */
function openExplain(
  { explain: { secret } }: Config,
  parts: Parameters<typeof explainRequests>[0],
): HttpServerOptions['explain'] {
  return secret === undefined ? undefined : { isSecret: compareExplainSecret(secret), handle: explainRequests(parts) };
}

function cacheOptions(store: CacheStore, { cacheHints, fullSchema, hash }: ServedSupergraph) {
  return { store, hints: cacheHints, schema: fullSchema, supergraphHash: hash };
}

function cacheState(store: CacheStore | undefined): unknown {
  return store ? { store: store.description, up: store.isUp() } : { store: 'none' };
}

async function graphiqlRoutes(operationsFolder: string): Promise<(app: FastifyInstance) => void> {
  const graphiql = openGraphiql({ tabs: await readSavedOperations(operationsFolder) });
  return (app) => {
    app.get('/*', (request, reply) => {
      const path = new URL(request.url, 'http://gateway').pathname;
      const { 'accept-encoding': acceptEncoding, 'if-none-match': ifNoneMatch } = request.headers;
      const answer = graphiql.handle({ path, acceptEncoding: String(acceptEncoding ?? ''), ifNoneMatch });
      if (!answer) return reply.callNotFound();
      return reply.code(answer.status).headers(answer.headers).send(Buffer.from(answer.body));
    });
  };
}
