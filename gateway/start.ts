import { readFile } from 'node:fs/promises';
import type { Config } from './config.ts';
import type { InvalidationRouteOptions } from './http/invalidation.ts';
import { compareSecret } from './http/secret.ts';
import { serveHttp, type HttpServerOptions } from './http/server.ts';
import { readTls } from './http/tls.ts';
import type { Log } from './observe/log.ts';
import { openLastingParts } from './serving/lasting-parts.ts';
import { readinessOf } from './serving/readiness.ts';
import { routesBeside } from './serving/routes-beside.ts';
import { openServing, type Serving } from './serving/serving.ts';
import { loadSupergraph, SupergraphError } from './supergraph/load.ts';

/** A gateway that answers. */
export interface RunningGateway {
  /** `http://host:port/graphql`, or with `https:` */
  url: string;
  /** `http://host:port/metrics`, where metrics have a port of their own. Absent: they have none. */
  metricsUrl: string | undefined;
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
  const tls = config.http.tls && (await readTls(config.http.tls));
  await using opened = new AsyncDisposableStack();
  const lasting = opened.adopt(await openLastingParts(config, log), (parts) => parts.close());
  const serving = opened.adopt(await openServing(supergraph, { config, lasting, log }), (each) => each.close());
  const current = (): Serving => serving;
  const { identify } = lasting.identity;
  const trail = { isServed: () => current().hasTrail, handle: serving.handle, identify };
  const addRoutes = await routesBeside(
    config,
    trail,
    lasting.observing.registry,
    openInvalidation(config, (message) => current().invalidate!(message)),
  );
  const options = {
    ...config.http,
    tls,
    identify,
    readiness: readinessOf(lasting, current),
    explain: openExplain(config, serving.explain),
    onFault: (error: unknown) => log.error({ err: error }, 'a request failed'),
  };
  const server = opened.adopt(await serveHttp(serving.handle, options, addRoutes), (each) => each.close());
  const running = opened.move();
  return {
    url: `${server.url}/graphql`,
    metricsUrl: lasting.observing.metricsUrl,
    reloadRules: () => lasting.rules.reload(),
    close: () => running.disposeAsync(),
  };
}

async function readSupergraph(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new SupergraphError(`The supergraph ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
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

/** Without a secret nobody is told. */
function openExplain({ explain: { secret } }: Config, handle: Serving['explain']): HttpServerOptions['explain'] {
  return secret === undefined ? undefined : { isSecret: compareSecret(secret), handle };
}
