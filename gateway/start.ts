import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { Recorder } from './audit/recorder.ts';
import { openTrail, type Trail } from './audit/trail.ts';
import { Authoriser } from './authorise/authoriser.ts';
import type { Restriction } from './authorise/restrictions.ts';
import type { RuleSet } from './authorise/rule-set.ts';
import { cacheEntities } from './cache/entity-cache.ts';
import { createMemoryStore } from './cache/memory-store.ts';
import type { CacheStore } from './cache/store.ts';
import type { Config } from './config.ts';
import type { Fetcher } from './execute/fetcher.ts';
import { createHttpFetcher } from './fetch/http-fetcher.ts';
import { KEY_DIRECTORY_PATH, keyDirectory, readSigningKey } from './fetch/signing-key.ts';
import { transportsOf } from './fetch/transports.ts';
import { explainRequests } from './explain/explain-requests.ts';
import { createGateway } from './gateway.ts';
import type { Grants } from './grants/grants.ts';
import { openGrants } from './grants/open-grants.ts';
import { askInProcess, hasTrail, openInProcess } from './in-process-departments.ts';
import { findUsageRoute, type FindUsageOptions } from './http/find-usage.ts';
import { compareExplainSecret } from './http/explain-secret.ts';
import { openGraphiql } from './http/graphiql/page-files.ts';
import { readSavedOperations } from './http/graphiql/saved-operations.ts';
import { serveHttp, type HttpServerOptions } from './http/server.ts';
import { readTls } from './http/tls.ts';
import { openIdentification, type Identification } from './identity/identify.ts';
import type { Log } from './observe/log.ts';
import type { PreparedOperation } from './operation/prepare.ts';
import { openRules, type RuleState } from './rule-watch.ts';
import { startPlanner } from './plan/planner.ts';
import { loadSupergraph, SupergraphError, type ServedSupergraph } from './supergraph/load.ts';

/** A gateway that answers. */
export interface RunningGateway {
  /** `http://host:port/graphql`, or with `https:` */
  url: string;
  /** Reads the departments' rules now, and not only when it is time; resolves once they are taken or refused. Never rejects. */
  reloadRules(): Promise<void>;
  /** Takes no more requests, lets those under way finish, and lets go of everything. */
  close(): Promise<void>;
}

/**
 * Puts the parts together and serves them; resolves once requests are answered.
 *
 * @throws SupergraphError where the supergraph cannot be read or served; RuleError where the departments' rules cannot be taken; GatewayFault where the trail cannot be opened; ConfigError where a subgraph has no address or a file of keys cannot be read; the system's error where the port is taken
 */
export async function startGateway(config: Config, log: Log): Promise<RunningGateway> {
  const supergraph = loadSupergraph(await readSupergraph(config.supergraph));
  const authorising = await openAuthorising(config, supergraph, log);
  const tls = config.http.tls && (await readTls(config.http.tls));
  const http = createHttpFetcher(transportsOf(supergraph.routingUrls, config));
  const onFault = (error: unknown): void => log.error({ err: error }, 'a request failed');
  const trail = await openTrailOf(config, log);
  const grants = await openGrantsOf(config, () => authorising.current.options.rules, log);
  const inProcess = openInProcess(supergraph, config, { trail, grants, onFault });
  const fetch = askInProcess(inProcess, http.fetch);
  const identity = await openIdentity(config, log);
  const store = await openStore(config, log);
  const planner = startPlanner(supergraph.sdl, config.planner);
  const remembering = (fetcher: Fetcher): Fetcher =>
    store ? cacheEntities(fetcher, cacheOptions(store, supergraph)) : fetcher;
  const gateway = createGateway({
    supergraph,
    planner,
    authoriser: () => authorising.current,
    grants,
    fetcher: remembering(fetch),
    prepare: { limits: config.limits, introspection: config.introspection },
    maxOperations: config.planner.maxOperations,
    tellsDepartments: config.signing !== undefined || inProcess.size > 0,
    recorder: trail && recorderTo(trail, config, supergraph),
    maskErrors: config.maskSubgraphErrors,
    onReported: (operation, reported) => logReported(log, operation, reported),
    onFault,
  });
  const closeParts = async (): Promise<void> => {
    authorising.close();
    identity.close();
    await Promise.all([planner.close(), http.close(), store?.close(), trail?.close(), grants?.close()]);
  };
  try {
    await planner.ready();
    const { identify } = identity;
    const addRoutes = await routesBeside(
      config,
      hasTrail(supergraph) ? { handle: gateway.handle, identify } : undefined,
    );
    const readiness = readinessOf({ supergraph, store, authorising, trail, grants });
    const explain = openExplain(config, { gateway, supergraph, fetch, remembering, onFault });
    const options = { ...config.http, tls, identify, readiness, explain, onFault };
    const server = await serveHttp(gateway.handle, options, addRoutes);
    return {
      url: `${server.url}/graphql`,
      reloadRules: () => authorising.reload(),
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

/** What `/ready` tells of. */
interface ReadyParts {
  supergraph: ServedSupergraph;
  store: CacheStore | undefined;
  authorising: Authorising;
  trail: Trail | undefined;
  grants: Grants | undefined;
}

function readinessOf({ supergraph, store, authorising, trail, grants }: ReadyParts): HttpServerOptions['readiness'] {
  return () => ({
    ready: trail?.health().up ?? true,
    supergraph: supergraph.hash,
    subgraphs: supergraph.routingUrls.size,
    cache: cacheState(store),
    rules: authorising.state(),
    trail: trailState(trail),
    grants: grants?.health() ?? { store: 'off' },
  });
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

async function openTrailOf({ audit }: Config, log: Log): Promise<Trail | undefined> {
  if (audit.store === 'off') return undefined;
  return openTrail(audit, (problem) => {
    if (problem === undefined) log.info('the trail can be written again');
    else log.error({ problem }, 'the trail cannot be written; requests are refused until it can');
  });
}

async function openGrantsOf(
  { grants }: Config,
  rules: () => RuleSet | undefined,
  log: Log,
): Promise<Grants | undefined> {
  if (grants.store === 'off') return undefined;
  return openGrants(grants, rules, (problem) => {
    if (problem === undefined) log.info('grants can be read again');
    else log.error({ err: problem }, 'grants cannot be read; those known are gone by until they end');
  });
}

function recorderTo(trail: Trail, { audit }: Config, supergraph: ServedSupergraph): Recorder {
  const { soonClasses, subjectClaims } = audit;
  return new Recorder({ trail, supergraph, soonClasses, subjectClaims });
}

function openIdentity({ identity }: Config, log: Log): Promise<Identification> {
  return openIdentification(identity, {
    onIssuer(issuer, problem) {
      if (problem === undefined) log.info({ issuer }, 'the keys of an issuer can be fetched again');
      else
        log.warn({ issuer, err: problem }, 'the keys of an issuer cannot be fetched; those known are used for a while');
    },
  });
}

/** Who decides who may see what, as of now. */
interface Authorising {
  readonly current: Authoriser;
  state(): (RuleState & { mode: string }) | 'none';
  reload(): Promise<void>;
  close(): void;
}

/** Without rules of departments, what stands in the schema is enforced alone. */
async function openAuthorising(
  { authorisation }: Config,
  { access }: ServedSupergraph,
  log: Log,
): Promise<Authorising> {
  const { rules: folder, mode, readEveryMs } = authorisation;
  const withRules = (rules: RuleSet): Authoriser => new Authoriser({ access, mode, rules });
  if (folder === undefined) {
    const current = new Authoriser({ access, mode: 'off' });
    return { current, state: () => 'none', reload: () => Promise.resolve(), close: () => undefined };
  }
  const watch = await openRules(folder, {
    readEveryMs,
    onTaken(rules) {
      log.info({ rules: rules.hash }, 'other rules hold from now on');
      authorising.current = withRules(rules);
    },
    onRefused: (error) => log.error({ err: error }, 'the rules cannot be taken; those before hold on'),
  });
  const authorising = {
    current: withRules(watch.current),
    state: () => ({ mode, ...watch.state }),
    reload: () => watch.reload(),
    close: () => watch.close(),
  };
  return authorising;
}

/** By names and rules alone: values stay out of logs. */
function logReported(log: Log, { name, fingerprint }: PreparedOperation, reported: readonly Restriction[]): void {
  const fields = reported.map(({ coordinate, decision: { outcome, rule, department } }) => {
    return { coordinate, outcome, rule, department };
  });
  log.warn({ operation: name, fingerprint, fields }, 'rules would withhold fields if they were enforced');
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

/** Without what is wrong: the database's message may name what is nobody's business. */
function trailState(trail: Trail | undefined): unknown {
  if (!trail) return { store: 'off' };
  const { up, store, isDurable, waiting, timeStamping } = trail.health();
  const timeStamps = timeStamping && { up: timeStamping.problem === undefined, at: timeStamping.at };
  return { store, up, isDurable, waiting, timeStamps };
}

/** What is served beside the graph. @param trail by whom the trail's readers are answered; absent where the graph has none */
async function routesBeside(
  { signing, graphiql, operations, http: { requestTimeoutMs } }: Config,
  trail: Omit<FindUsageOptions, 'requestTimeoutMs'> | undefined,
): Promise<(app: FastifyInstance) => void> {
  const directory = signing && keyDirectory(readSigningKey(signing));
  const addGraphiql = graphiql ? await graphiqlRoutes(operations) : () => undefined;
  const addFindUsage = trail ? findUsageRoute({ ...trail, requestTimeoutMs }) : () => undefined;
  return (app) => {
    addFindUsage(app);
    if (directory) app.get(KEY_DIRECTORY_PATH, (_request, reply) => reply.type('application/json').send(directory));
    addGraphiql(app);
  };
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
