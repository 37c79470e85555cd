import type { Config } from './config/config.ts';
import type { InvalidationRouteOptions } from './http/invalidation.ts';
import { compareSecret } from './http/secret.ts';
import type { HandleRequest } from './http/graph-endpoint.ts';
import { serveHttp, type HttpServerOptions } from './http/server.ts';
import { readTls } from './http/tls.ts';
import type { Log } from './observe/log.ts';
import { PersistedQueries } from './operation/persisted-queries.ts';
import { openLastingParts, type LastingParts } from './serving/lasting-parts.ts';
import { readinessOf } from './serving/readiness.ts';
import { routesBeside } from './serving/routes-beside.ts';
import { openSupergraphSource } from './serving/open-source.ts';
import { followSupergraph } from './serving/supergraph-follower.ts';
import type { CompleteRules } from './rule-watch.ts';
import type { RegistrySupergraphSource } from './registry/registry-source.ts';
import type { SupergraphSource } from './supergraph/source.ts';

/** A gateway that answers. */
export interface RunningGateway {
  /** `http://host:port/graphql`, or with `https:` */
  url: string;
  /** `http://host:port/metrics`, where metrics have a port of their own. Absent: they have none. */
  metricsUrl: string | undefined;
  /** Looks at the departments' rules and the supergraph now, and not only when it is time; resolves once they are taken or refused. Never rejects. */
  reload(): Promise<void>;
  /**
   * Takes no more connections, lets requests under way finish, and lets go of everything.
   * @param announceForMs how long clients are still answered on connections that they keep, and told to use them no more. Default: 0
   */
  close(announceForMs?: number): Promise<void>;
}

export interface StartOptions {
  /** Which of several processes on one port this is; `/ready` and metrics tell. Default: it is alone */
  worker?: number | undefined;
  /** Where the supergraph comes from. Default: as the settings say */
  source?: SupergraphSource & Partial<RegistrySupergraphSource>;
  /** Adds to the departments' rules what their files lack. Default: nothing */
  completeRules?: CompleteRules | undefined;
  /** Stands before all that answers requests. Default: nothing */
  around?: ((handle: HandleRequest) => HandleRequest) | undefined;
}

/**
 * Puts the parts together and serves them; resolves once requests are answered.
 *
 * @throws SupergraphError where the supergraph cannot be read or served; RuleError where the departments' rules cannot be taken; GatewayFault where the trail cannot be opened; ConfigError where a subgraph has no address or a file of keys cannot be read; the system's error where the port is taken
 */
export async function startGateway(config: Config, log: Log, options: StartOptions = {}): Promise<RunningGateway> {
  const { worker, around = (answers) => answers } = options;
  const source = options.source ?? (await openSupergraphSource(config, log));
  const tls = config.http.tls && (await readTls(config.http.tls));
  await using opened = new AsyncDisposableStack();
  const origins = { complete: options.completeRules, published: source.rules };
  const lasting = opened.adopt(await openLastingParts(config, log, origins), (parts) => parts.close());
  const supergraphs = opened.adopt(await followSupergraph(source, { config, lasting, log }), (each) => each.close());
  const { observing, dispatching } = lasting;
  if (worker !== undefined) observing.registry?.setDefaultLabels({ worker: String(worker) });
  observing.watchDepartments(() => supergraphs.current.departments());
  const { identify } = lasting.identity;
  const handle = around((request, deadline) => supergraphs.current.handle(request, deadline));
  const trail = { isServed: () => supergraphs.current.hasTrail, handle, identify };
  const addRoutes = await routesBeside(
    config,
    trail,
    observing,
    openInvalidation(config, (message) => supergraphs.current.invalidate!(message)),
  );
  const serverOptions = {
    ...config.http,
    isContract: (name: string) => supergraphs.current.hasContract(name),
    tls,
    identify,
    persisted: openPersistedQueries(config, lasting),
    readiness: readinessOf(lasting, supergraphs, worker),
    explain: openExplain(config, (request, deadline) => supergraphs.current.explain(request, deadline)),
    onFault: (error: unknown) => log.error({ err: error }, 'a request failed'),
    onRefused: observing.onRefused,
  };
  const server = await serveHttp(handle, serverOptions, addRoutes);
  opened.defer(() => dispatching?.stop());
  dispatching?.begin(
    {
      handle: (request, deadline) => supergraphs.current.handle(request, deadline),
      get schema() {
        return supergraphs.current.supergraph.apiSchema;
      },
    },
    observing.dispatches,
  );
  const running = opened.move();
  return {
    url: `${server.url}/graphql`,
    metricsUrl: observing.metricsUrl,
    async reload() {
      await Promise.all([lasting.rules.reload(), supergraphs.reload()]);
    },
    async close(announceForMs) {
      await server.close(announceForMs);
      await running.disposeAsync();
    },
  };
}

/** Without a secret nobody may, and without a cache there is nothing to invalidate. */
function openInvalidation(
  {
    cache: {
      enabled,
      invalidation: { secret },
    },
  }: Config,
  invalidate: InvalidationRouteOptions['invalidate'],
): InvalidationRouteOptions | undefined {
  return enabled && secret !== undefined ? { isSecret: compareSecret(secret), invalidate } : undefined;
}

function openPersistedQueries(
  { persistedQueries: { enabled, maxBytes } }: Config,
  { sharedTexts: texts, observing }: LastingParts,
): PersistedQueries | undefined {
  if (!enabled) return undefined;
  return new PersistedQueries({ maxBytes, texts, onLookedFor: observing.onLookedForQuery });
}

/** Without a secret nobody is told. */
function openExplain({ explain: { secret } }: Config, handle: HandleRequest): HttpServerOptions['explain'] {
  return secret === undefined ? undefined : { isSecret: compareSecret(secret), handle };
}
